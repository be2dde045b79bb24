package renkei.ipf;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.cxf.binding.soap.Soap12;
import renkei.ipf.House.Role;

/** ITI-45 and ITI-47: IPF as a consumer of identifiers and demographics over HL7 v3. */
final class IdentifierChecks extends Scene {
    private static final String ACT = "/*/v3:controlActProcess";
    private static final String PATIENT = ACT + "/v3:subject/v3:registrationEvent/v3:subject1/v3:patient";

    IdentifierChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        references();
        demographics();
        givenUp();
    }

    private static void says(String ack, String response, V3 answer) throws Exception {
        Expect.equal(ack + " " + response, answer.text("/*/v3:acknowledgement/v3:typeCode/@code") + " "
                + answer.text(ACT + "/v3:queryAck/v3:queryResponseCode/@code"));
    }

    private static V3 answering(IdentifierQuestion question, V3 answer) throws Exception {
        Expect.equal(question.id(),
                answer.text("/*/v3:acknowledgement/v3:targetMessage/v3:id/@root"));
        Expect.equal(question.id(), answer.text(ACT + "/v3:queryAck/v3:queryId/@root"));
        return answer;
    }

    private V3 answer45(IdentifierQuestion question) throws Exception {
        return answering(question, new V3(stranger.iti45(question.xml())));
    }

    private V3 answer47(IdentifierQuestion question) throws Exception {
        return answering(question, new V3(stranger.iti47(question.xml())));
    }

    private void references() {
        checks.that("ITI-45", "the identifier of the affinity domain, by the card", () -> {
            Somebody whom = announced(Somebody.at(stranger.house()).insured());
            String home = whom.id().getAssigningAuthority().getUniversalId();
            V3 answer = answer45(IdentifierQuestion.references(Somebody.INSURED, whom.card(), List.of(home)));
            says("AA", "OK", answer);
            Expect.equal(List.of(whom.id().getId()), answer.texts(PATIENT + "/v3:id/@extension"));
            Expect.that(!answer.text(PATIENT + "/v3:id/@assigningAuthorityName").isEmpty(), "no name");
        });
        checks.that("ITI-45", "nothing in a domain that does not know the person", () -> {
            Somebody whom = somebody();
            String home = whom.id().getAssigningAuthority().getUniversalId();
            says("AA", "NF", answer45(IdentifierQuestion.references(
                    home, whom.id().getId(), List.of(Somebody.INSURED))));
        });
        checks.that("ITI-45", "an identifier that nobody announced is told with its place", () -> {
            var never = Sample.patient(stranger.house());
            String home = never.getAssigningAuthority().getUniversalId();
            V3 answer = answer45(IdentifierQuestion.references(home, never.getId(), List.of()));
            says("AE", "AE", answer);
            String detail = "/*/v3:acknowledgement/v3:acknowledgementDetail";
            Expect.equal("204", answer.text(detail + "/v3:code/@code"));
            Expect.that(answer.text(detail + "/v3:location").endsWith("/patientIdentifier/value"), "no place");
        });
        checks.that("ITI-45", "a feed does not ask", () -> {
            String question = IdentifierQuestion.references("1.2.3", "4", List.of()).xml();
            var fault = Expect.fault(() -> stranger.as(
                    Role.FEED, "pixv3-iti45", "pix_v3", question, String.class));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    private void demographics() {
        checks.that("ITI-47", "by the name in kana", () -> {
            Somebody whom = somebody();
            V3 answer = answer47(IdentifierQuestion.named("ケンシン", whom.kana(), 10));
            says("AA", "OK", answer);
            Expect.equal(List.of(whom.id().getId()), answer.texts(PATIENT + "/v3:id/@extension"));
            Expect.equal("1 1 0", quantities(answer));
        });
        checks.that("ITI-47", "nobody", () -> {
            V3 answer = answer47(IdentifierQuestion.named("ダレモ", "イナイ", 10));
            says("AA", "NF", answer);
            Expect.equal("0 0 0", quantities(answer));
        });
        checks.that("ITI-47", "namesakes come page by page", () -> {
            Somebody one = somebody();
            Somebody other = announced(one.namesake(stranger.house()).born("19800229"));
            var question = IdentifierQuestion.named("ケンシン", one.kana(), 1);
            V3 first = answer47(question);
            Expect.equal("2 1 1", quantities(first));
            V3 second = new V3(stranger.iti47(question.more(first.text("/*/v3:id/@root"), 2, 1)));
            Expect.equal("2 1 0", quantities(second));
            Set<String> ids = new HashSet<>(first.texts(PATIENT + "/v3:id/@extension"));
            ids.addAll(second.texts(PATIENT + "/v3:id/@extension"));
            Expect.equal(Set.of(one.id().getId(), other.id().getId()), ids);
        });
    }

    private void givenUp() {
        checks.that("ITI-47", "a query that was given up does not go on", () -> {
            Somebody one = somebody();
            announced(one.namesake(stranger.house()).born("19800229"));
            var question = IdentifierQuestion.named("ケンシン", one.kana(), 1);
            V3 first = answer47(question);
            Expect.equal("2 1 1", quantities(first));
            String answer = first.text("/*/v3:id/@root");
            V3 accepted = new V3(stranger.iti47Cancel(question.noMore(answer)));
            Expect.equal("MCCI_IN000002UV01", accepted.name());
            Expect.equal("CA", accepted.text("/*/v3:acknowledgement/v3:typeCode/@code"));
            says("AE", "AE", new V3(stranger.iti47(question.more(answer, 2, 1))));
        });
    }

    private static String quantities(V3 answer) throws Exception {
        String ack = ACT + "/v3:queryAck/v3:result";
        return String.join(" ", answer.text(ack + "TotalQuantity/@value"),
                answer.text(ack + "CurrentQuantity/@value"), answer.text(ack + "RemainingQuantity/@value"));
    }
}
