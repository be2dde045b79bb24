package renkei.ipf;

import java.util.List;
import org.apache.camel.Message;
import org.apache.cxf.binding.soap.Soap12;
import org.openehealth.ipf.platform.camel.ihe.hl7v3.iti55.TtlHeaderUtils;
import renkei.ipf.House.Role;

/** ITI-55: IPF as the gateway of another community asks the house's who somebody is. */
final class DiscoveryChecks extends Scene {
    private static final String ACT = "/v3:PRPA_IN201306UV02/v3:controlActProcess";
    private static final String EVENT = ACT + "/v3:subject/v3:registrationEvent";
    private static final String PATIENT = EVENT + "/v3:subject1/v3:patient";
    private final Replies replies;

    DiscoveryChecks(Stranger stranger, Checks checks, Replies replies) {
        super(stranger, checks);
        this.replies = replies;
    }

    @Override
    void run() {
        found();
        notFound();
        refused();
        later();
    }

    private Question question() {
        return new Question(stranger.house());
    }

    /** The answer to a question, which repeats it. */
    private V3 answer(Question question) throws Exception {
        return answering(question, new V3(stranger.iti55(question.xml()).getBody(String.class)));
    }

    private static V3 answering(Question question, V3 answer) throws Exception {
        Expect.equal("PRPA_IN201306UV02", answer.name());
        Expect.equal(question.id(),
                answer.text("/*/v3:acknowledgement/v3:targetMessage/v3:id/@root"));
        Expect.equal(question.id(), answer.text(ACT + "/v3:queryAck/v3:queryId/@root"));
        Expect.equal(question.id(), answer.text(ACT + "/v3:queryByParameter/v3:queryId/@root"));
        return answer;
    }

    private static void says(String ack, String response, V3 answer) throws Exception {
        Expect.equal(ack + " " + response, answer.text("/*/v3:acknowledgement/v3:typeCode/@code") + " "
                + answer.text(ACT + "/v3:queryAck/v3:queryResponseCode/@code"));
    }

    /** Exactly this person is found, as whom this community is asked by ITI-38. */
    private V3 names(Somebody whom, V3 answer) throws Exception {
        says("AA", "OK", answer);
        Expect.equal(List.of(whom.id().getId()), answer.texts(PATIENT + "/v3:id/@extension"));
        Expect.equal(whom.id().getAssigningAuthority().getUniversalId(),
                answer.text(PATIENT + "/v3:id/@root"));
        Expect.equal(whom.kana(),
                answer.text(PATIENT + "/v3:patientPerson/v3:name[@use='SYL']/v3:given"));
        Expect.equal(stranger.house().homeCommunityId(),
                "urn:oid:" + answer.text(EVENT + "/v3:custodian/v3:assignedEntity/v3:id/@root"));
        Expect.equal("SupportsHealthDataLocator",
                answer.text(EVENT + "/v3:custodian/v3:assignedEntity/v3:code/@code"));
        return answer;
    }

    private static void nobody(V3 answer) throws Exception {
        says("AA", "NF", answer);
        Expect.equal(0, answer.count(EVENT));
    }

    private void found() {
        checks.that("ITI-55", "by name in kana, birth and sex", () -> {
            Somebody whom = somebody();
            names(whom, answer(question().named(whom)));
            stranger.iti38(documentsOf(whom.id()));
        });
        checks.that("ITI-55", "by the card of an insured person alone", () -> {
            Somebody whom = announced(Somebody.at(stranger.house()).insured());
            V3 answer = names(whom, answer(question().identifier(Somebody.INSURED, whom.card())));
            Expect.equal(whom.card(),
                    answer.text(PATIENT + "/v3:patientPerson/v3:asOtherIDs/v3:id/@extension"));
        });
        checks.that("ITI-55", "with the id of the community that asks", () -> {
            Somebody whom = somebody();
            names(whom, answer(question().named(whom).identifier("1.2.392.200119.9.56.1", "N-1")));
        });
        checks.that("ITI-55", "how long a match may be kept is told, on question and answer", () -> {
            Somebody whom = somebody();
            Message answer = stranger.iti55(question().named(whom).xml());
            Expect.equal("P30D", String.valueOf(TtlHeaderUtils.getTtl(answer)));
        });
        checks.that("ITI-55", "what tells namesakes apart is requested, and found by", () -> {
            Somebody one = announced(Somebody.at(stranger.house()).insured().living("架空町1"));
            Somebody other = announced(one.namesake(stranger.house()).living("架空町2"));
            V3 asks = answer(question().named(one));
            says("AA", "OK", asks);
            Expect.equal(0, asks.count(EVENT));
            Expect.equal(List.of("PatientAddressRequested"), asks.texts(ACT
                    + "/v3:reasonOf/v3:detectedIssueEvent/v3:triggerFor/v3:actOrderRequired/v3:code/@code"));
            names(other, answer(question().named(other).living("架空町２")));
        });
    }

    private void notFound() {
        checks.that("ITI-55", "nobody whom the feed did not bring", () -> {
            Somebody stranger = Somebody.at(this.stranger.house());
            Message answer = this.stranger.iti55(question().named(stranger).xml());
            nobody(new V3(answer.getBody(String.class)));
            Expect.equal(null, TtlHeaderUtils.getTtl(answer));
        });
        checks.that("ITI-55", "nobody who was born on another day", () -> {
            Somebody whom = somebody();
            nobody(answer(question().named(whom.born("19750413"))));
        });
        checks.that("ITI-55", "of two whom nothing tells apart neither is told", () -> {
            Somebody one = announced(Somebody.at(stranger.house()).insured());
            announced(one.namesake(stranger.house()));
            V3 answer = answer(question().named(one));
            says("AE", "AE", answer);
            Expect.equal(0, answer.count(EVENT));
            Expect.equal("AnswerNotAvailable", answer.text(ACT + "/v3:reasonOf/v3:detectedIssueEvent"
                    + "/v3:mitigatedBy/v3:detectedIssueManagement/v3:code/@code"));
        });
    }

    private void refused() {
        checks.that("ITI-55", "a name alone is refused in the answer", () -> {
            Question question = question().name("SYL", "ケンシン", "ハナコ").female();
            V3 answer = new V3(stranger.iti55Unchecked(question.xml()));
            says("AE", "AE", answer);
            Expect.equal("SYN113", answer.text(
                    "/*/v3:acknowledgement/v3:acknowledgementDetail/v3:code/@code"));
        });
        checks.that("ITI-55", "a consumer is no gateway", () -> {
            String question = question().named(Somebody.at(stranger.house())).xml();
            var fault = Expect.fault(() -> stranger.as(
                    Role.CONSUMER, "xcpd-iti55", "xcpd", question, String.class));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    private void later() {
        checks.that("ITI-55", "asynchronously: who was found arrives where it was asked to", () -> {
            Somebody whom = somebody();
            Question question = question().named(whom);
            stranger.iti55(question.xml(), replies.across("iti55"), "found");
            names(whom, answering(question, reply("found")));
        });
        checks.that("ITI-55", "deferred: accepted at once, and answered where the query says", () -> {
            Somebody whom = somebody();
            Question question = question().named(whom).deferred(replies.across("iti55-deferred"));
            V3 accepted = new V3(stranger.iti55Deferred(question.xml(), "deferred"));
            Expect.equal("MCCI_IN000002UV01", accepted.name());
            Expect.equal("CA", accepted.text("/*/v3:acknowledgement/v3:typeCode/@code"));
            names(whom, answering(question, reply("deferred")));
        });
        checks.that("ITI-55", "deferred: an address that is not listed is a fault", () -> {
            Question question = question().named(somebody()).deferred("https://localhost:9/elsewhere");
            var fault = Expect.fault(() -> stranger.iti55Deferred(question.xml(), "elsewhere"));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    private V3 reply(String key) throws Exception {
        Replies.Reply reply = replies.next();
        Expect.equal(key, reply.key());
        return new V3((String) reply.body());
    }
}
