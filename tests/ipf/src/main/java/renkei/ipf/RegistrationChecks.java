package renkei.ipf;

import java.util.List;
import org.apache.cxf.binding.soap.Soap12;
import renkei.ipf.House.Role;

/** ITI-44: IPF as a source of identities over HL7 v3. */
final class RegistrationChecks extends Scene {
    RegistrationChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        records();
        duplicates();
        checks.that("ITI-44", "a consumer is no source of identities", () -> {
            String message = Registration.added(Somebody.at(stranger.house())).xml();
            var fault = Expect.fault(() -> stranger.as(
                    Role.CONSUMER, "xds-iti44", "patient_feed_v3", message, String.class));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    private void records() {
        checks.that("ITI-44", "who was added is found by other communities", () -> {
            Somebody whom = added(Somebody.at(stranger.house()));
            finds(whom, List.of(whom.id().getId()));
        });
        checks.that("ITI-44", "what was revised counts", () -> {
            Somebody whom = added(Somebody.at(stranger.house()));
            Somebody revised = whom.born("19800229");
            says("CA", Registration.revised(revised));
            finds(revised, List.of(whom.id().getId()));
            finds(whom, List.of());
        });
    }

    private void duplicates() {
        checks.that("ITI-44", "after a merge the survivor is found", () -> {
            Somebody subsumed = added(Somebody.at(stranger.house()));
            Delivery delivery = new Delivery(subsumed.id());
            delivery.document("of somebody who was registered twice");
            Expect.success(stranger.iti41(delivery.provide()));
            Somebody survivor = added(Somebody.at(stranger.house()));
            says("CA", Registration.merged(survivor, subsumed.id()));
            var found = Expect.success(stranger.iti18(documentsOf(survivor.id()))).getDocumentEntries();
            Expect.equal(survivor.id(), one(found).getPatientId());
        });
        checks.that("ITI-44", "a merge of an unknown patient is refused", () -> {
            Somebody survivor = added(Somebody.at(stranger.house()));
            V3 answer = says("CE", Registration.merged(survivor, Sample.patient(stranger.house())));
            String detail = "/*/v3:acknowledgement/v3:acknowledgementDetail";
            Expect.equal("204", answer.text(detail + "/v3:code/@code"));
            Expect.that(answer.text(detail + "/v3:location").contains("/priorRegisteredRole/"), "no place");
        });
    }

    private Somebody added(Somebody whom) throws Exception {
        says("CA", Registration.added(whom));
        return whom;
    }

    /** The acknowledgement of a message. */
    private V3 says(String code, Registration message) throws Exception {
        V3 answer = new V3(stranger.iti44(message.xml()));
        Expect.equal("MCCI_IN000002UV01", answer.name());
        Expect.equal(message.id(), answer.text("/*/v3:acknowledgement/v3:targetMessage/v3:id/@root"));
        Expect.equal(code, answer.text("/*/v3:acknowledgement/v3:typeCode/@code"));
        return answer;
    }

    /** As whom another community is told of somebody (ITI-55). */
    private void finds(Somebody whom, List<String> ids) throws Exception {
        String question = new Question(stranger.house()).named(whom).xml();
        V3 answer = new V3(stranger.iti55(question).getBody(String.class));
        Expect.equal(ids, answer.texts("/*/v3:controlActProcess/v3:subject/v3:registrationEvent"
                + "/v3:subject1/v3:patient/v3:id/@extension"));
    }
}
