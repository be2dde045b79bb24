package renkei.ipf;

import ca.uhn.hl7v2.HapiContext;
import ca.uhn.hl7v2.app.Connection;
import ca.uhn.hl7v2.llp.MllpConstants;
import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.parser.Parser;
import ca.uhn.hl7v2.util.Terser;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import renkei.ipf.House.Role;

/** The patient feed by HAPI's own client. */
final class HapiChecks extends Scene {
    private static final String KANJI = "試験^太郎^^^^^L^I~シケン^タロウ^^^^^L^P";

    private static final Parser PARSER = Hapi.context().getPipeParser();

    HapiChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        for (String version : new String[] {"2.3.1", "2.5"}) {
            characters(version, "UNICODE UTF-8", "UTF-8");
            characters(version, "~ISO IR87", "ISO-2022-JP");
            characters(version, "ISO IR87", "ISO-2022-JP");
            checks.that("ITI-8", "HAPI, " + version + ": a merge of an unknown patient is refused", () ->
                    unknown(version));
        }
        checks.that("ITI-9", "HAPI: the number of an institution leads to the affinity domain's", this::identifiers);
        checks.that("ITI-21", "HAPI: somebody is found by name, birth and sex", () ->
                writing("UTF-8", this::persons));
    }

    private void identifiers() throws Exception {
        Identifiable own = Sample.patient(stranger.house());
        Identifiable number = new Identifiable(UUID.randomUUID().toString().replace("-", ""),
                new AssigningAuthority("2.999.31.6", "ISO"));
        accepted(stranger.iti8(new Adt("2.3.1", "UNICODE UTF-8").about("A04", own, number)));
        talk(Role.CONSUMER, connection -> {
            Terser answer = new Terser(sent(connection,
                    Qbp.identifiers(number, stranger.house().assigningAuthority())));
            Expect.equal("OK", answer.get("/QAK-2"));
            Expect.equal(own.getId(), answer.get("/.PID-3-1"));
        });
    }

    private void persons() throws Exception {
        Somebody whom = somebody();
        talk(Role.CONSUMER, connection -> {
            Terser answer = new Terser(sent(connection, Qbp.persons("hapi", "@PID.5.1.1^ケンシン~@PID.5.2^"
                    + whom.kana() + "~@PID.7^" + whom.birth() + "~@PID.8^F", 5, "")));
            Expect.equal("OK", answer.get("/QAK-2"));
            Expect.equal("1", answer.get("/QAK-4"));
            Expect.equal(whom.id().getId(), answer.get("/.PID-3-1"));
        });
    }

    /** `octets` is how HAPI writes: it knows no repetitions of MSH-18, and no ISO 2022 by its names. */
    private void characters(String version, String charset, String octets) {
        Adt adt = new Adt(version, charset);
        String by = "HAPI, " + version + ", " + charset + ": ";
        checks.that("ITI-8", by + "A01, A04, A05, A08 on one connection", () ->
                writing(octets, () -> events(adt)));
        checks.that("ITI-8", by + "A40", () -> writing(octets, () -> merge(adt)));
    }

    private static void writing(String octets, Checks.Body body) throws Exception {
        System.setProperty(MllpConstants.CHARSET_KEY, octets);
        try {
            body.run();
        } finally {
            System.clearProperty(MllpConstants.CHARSET_KEY);
        }
    }

    private void events(Adt adt) throws Exception {
        Identifiable patient = Sample.patient(stranger.house());
        talk(connection -> {
            for (String event : new String[] {"A01", "A04", "A05", "A08"}) {
                accepted(sent(connection, adt.about(event, patient, KANJI)));
            }
        });
        Delivery delivery = new Delivery(patient);
        delivery.document("announced by HAPI");
        Expect.success(stranger.iti41(delivery.provide()));
    }

    private void merge(Adt adt) throws Exception {
        Identifiable subsumed = patient();
        Identifiable survivor = patient();
        Delivery delivery = new Delivery(subsumed);
        delivery.document("merged by HAPI");
        Expect.success(stranger.iti41(delivery.provide()));
        talk(connection -> accepted(sent(connection, adt.merge(survivor, subsumed))));
        one(Expect.success(stranger.iti18(documentsOf(survivor))).getDocumentEntries());
    }

    private void unknown(String version) throws Exception {
        Adt adt = new Adt(version, "UNICODE UTF-8");
        Identifiable nobody = Sample.patient(stranger.house());
        Identifiable survivor = patient();
        talk(connection -> {
            Message answer = sent(connection, adt.merge(survivor, nobody));
            Terser terser = new Terser(answer);
            Expect.equal("AE", terser.get("/MSA-1"));
            Expect.equal(version, terser.get("/MSH-12"));
            // ERR-1 is all that 2.3.1 has; 2.5 keeps it for the past alone
            Expect.equal("HL70357", terser.get(version.equals("2.5") ? "/ERR-3-3" : "/ERR-1-4-3"));
        });
    }

    private interface Talk {
        void over(Connection connection) throws Exception;
    }

    private void talk(Talk talk) throws Exception {
        talk(Role.FEED, talk);
    }

    private void talk(Role role, Talk talk) throws Exception {
        try (HapiContext context = Hapi.context(stranger.house().identity(role))) {
            String[] place = stranger.house().address("patient_feed").split(":");
            Connection connection = context.newClient(place[0], Integer.parseInt(place[1]), true);
            try {
                talk.over(connection);
            } finally {
                connection.close();
            }
        }
    }

    private static Message sent(Connection connection, String text) throws Exception {
        Message message = PARSER.parse(text);
        Message answer = Hapi.complete(connection.getInitiator().sendAndReceive(message));
        Expect.equal(new Terser(message).get("/MSH-10"), new Terser(answer).get("/MSA-2"));
        return answer;
    }
}
