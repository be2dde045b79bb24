package renkei.ipf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import renkei.ipf.House.Role;

/**
 * The messages that IPF publishes with its own tests of ITI-44, 45 and 47, sent as they are, and again where what they
 * speak of is known. IPF's validators are left out: some of the messages are older than they.
 */
final class PublishedChecks extends Scene {
    private static final String ACT = "/*/v3:controlActProcess";
    private static final String IDS = ACT + "/v3:subject/v3:registrationEvent/v3:subject1/v3:patient//v3:id";
    private static final String DETAIL = "/*/v3:acknowledgement/v3:acknowledgementDetail";
    private static final String ADDED = "pixfeed/v3/PIX_FEED_REG_Maximal_Request.xml";
    private static final String MERGED = "pixfeed/v3/PIX_FEED_MERGE_Maximal_Request.xml";
    private static final String MERGED_V2 = "pixsource/v3/A40_Response.xml";
    /** The domains of the messages. */
    private static final String FIRST = "1.3.6.1.4.1.21367.2005.1.1";
    private static final String SECOND = "1.3.6.1.4.1.21367.2005.1.2";
    private static final String THIRD = "1.2.3.4.5.1000";

    PublishedChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        records();
        duplicates();
        references();
        demographics();
    }

    private static String published(String path) throws IOException {
        try (InputStream in = PublishedChecks.class.getResourceAsStream("/translation/" + path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private V3 feed(String xml) throws Exception {
        return new V3(stranger.as(Role.FEED, "xds-iti44", "patient_feed_v3", xml, String.class));
    }

    private V3 references(String xml) throws Exception {
        return new V3(stranger.as(Role.CONSUMER, "pixv3-iti45", "pix_v3", xml, String.class));
    }

    private V3 persons(String xml) throws Exception {
        return new V3(stranger.as(Role.CONSUMER, "pdqv3-iti47", "pdq_v3", xml, String.class));
    }

    private static V3 acknowledged(String code, V3 answer) throws Exception {
        Expect.equal("MCCI_IN000002UV01", answer.name());
        Expect.equal(code, answer.text("/*/v3:acknowledgement/v3:typeCode/@code"));
        return answer;
    }

    private static V3 says(String response, V3 answer) throws Exception {
        Expect.equal(response, answer.text(ACT + "/v3:queryAck/v3:queryResponseCode/@code"));
        return answer;
    }

    private static void unknownAt(String place, V3 answer) throws Exception {
        Expect.equal("204", answer.text(DETAIL + "/v3:code/@code"));
        String told = answer.text(DETAIL + "/v3:location");
        Expect.that(told.contains(place), "told at " + told);
    }

    /** Announces somebody else by the published registration, of which parts are other. */
    private void added(String surname, String... others) throws Exception {
        String xml = published(ADDED).replace(">WASHINGTON<", ">" + surname + "<")
                .replace(">DEAN<", ">" + surname + "-DEAN<").replace(">JOHN<", ">" + surname + "-JOHN<")
                .replace("\"100-09-1234\"", "\"" + surname + "-1\"")
                .replace("100-09-123456", surname + "-2");
        for (int at = 0; at < others.length; at += 2) {
            xml = xml.replace(others[at], others[at + 1]);
        }
        acknowledged("CA", feed(xml));
    }

    private void records() {
        checks.that("ITI-44", "published: " + ADDED, () -> {
            acknowledged("CA", feed(published(ADDED)));
            V3 answer = references(
                    IdentifierQuestion.references(FIRST, "PIX10515W3", List.of(THIRD)).xml());
            Expect.equal(List.of("PIX10515W4"), says("OK", answer).texts(IDS + "/@extension"));
        });
        String revised = "pixfeed/v3/PIX_FEED_REV_Maximal_Request.xml";
        checks.that("ITI-44", "published: " + revised, () -> {
            acknowledged("CA", feed(published(revised)));
            // asked for by the name that she has now, in a published query
            String asked = published("pdq/v3/PDQ_connectathon2011_namespaces_issue.xml")
                    .replace(">CHIP<", ">MARY*<").replace(">MOORE<", ">WASHINGTON-UPDATE<");
            V3 answer = says("OK", persons(asked));
            List<String> found = answer.texts(IDS + "/@extension");
            Expect.that(found.contains("PIX10515W3"), "found " + found);
        });
        for (String name : List.of("A01", "A01_with_BR", "A04", "A08")) {
            String path = "pixsource/v3/" + name + "_Response.xml";
            checks.that("ITI-44", "published: " + path,
                    () -> acknowledged("CA", feed(published(path))));
        }
    }

    /** As they are they name records that nobody announced; with such, of the house's domain, they are carried out. */
    private void duplicates() {
        checks.that("ITI-44", "published: " + MERGED,
                () -> unknownAt("/patient/id", acknowledged("CE", feed(published(MERGED)))));
        checks.that("ITI-44", "published: " + MERGED_V2, () -> unknownAt(
                "/priorRegisteredRole/", acknowledged("CE", feed(published(MERGED_V2)))));
        checks.that("ITI-44", "published, of announced records: " + MERGED,
                () -> merged(MERGED, "120-01", "120-02", THIRD, "1.2.3.4.666"));
        checks.that("ITI-44", "published, of announced records: " + MERGED_V2, () -> {
            String domain = "2.16.840.1.113883.3.37.4.1.1.2.1.1";
            merged(MERGED_V2, "142025", "704686", domain, domain);
        });
    }

    private void merged(String path, String survivor, String subsumed, String theirs, String others)
            throws Exception {
        String home = stranger.house().assigningAuthority();
        added("FIRST-" + survivor, "PIX10515W3", survivor, FIRST, home, "PIX10515W4", "W4-" + survivor);
        added("SECOND-" + subsumed, "PIX10515W3", subsumed, FIRST, home, "PIX10515W4", "W4-" + subsumed);
        String xml = published(path).replace(theirs, home).replace(others, home);
        acknowledged("CA", feed(xml));
        V3 answer = references(
                IdentifierQuestion.references(THIRD, "W4-" + subsumed, List.of(home)).xml());
        Expect.equal(List.of(survivor), says("OK", answer).texts(IDS + "/@extension"));
    }

    private void references() {
        checks.that("ITI-45", "published: NistPixpdq_Mesa10501-04_Example_01", () -> {
            String asked = published("pixquery/v3/NistPixpdq_Mesa10501-04_Example_01.xml");
            unknownAt("/patientIdentifier/value", says("AE", references(asked)));
            added("QUERIED", "PIX10515W3", "PIX10501", "PIX10515W4", "XYZ10501", THIRD, SECOND);
            Expect.equal(List.of("XYZ10501"), says("OK", references(asked)).texts(IDS + "/@extension"));
        });
        for (String name : List.of("10501-05", "10502-03~UnknownId", "10503-01~UnknownAssigningAuth")) {
            String path = "NistPixpdq_Mesa" + name + "_Example_01";
            checks.that("ITI-45", "published: " + path, () -> unknownAt("/patientIdentifier/value",
                    says("AE", references(published("pixquery/v3/" + path + ".xml")))));
        }
    }

    private void demographics() {
        for (String name : List.of("PDQ", "PDQ_Maximal_Query")) {
            checks.that("ITI-47", "published: " + name,
                    () -> says("NF", persons(published("pdq/v3/" + name + ".xml"))));
        }
        finds("PDQ_ID_Query", "PDQ113XX03", () -> added("IDENTIFIED", "PIX10515W3", "PDQ113XX03", FIRST,
                "1.2.3.4", "PIX10515W4", "PDQ113XX04", THIRD, "1.2.3.4.5", "IDENTIFIED-2", "ACC001"));
        finds("PDQ_connectathon2011_namespaces_issue", "CHIP-1", () -> added("MOORE", "PIX10515W3",
                "CHIP-1", "PIX10515W4", "CHIP-2", ">MARY<", ">CHIP<", "<given>ROSE</given>", ""));
        finds("PDQ_unused_global_namespace_issue", "CHIP-1", () -> { });
        finds("PDQ_with_PID4", "BORN-1", () -> added("BORN", "PIX10515W3", "BORN-1",
                "PIX10515W4", "BORN-2", "19771208", "19800131"));
    }

    /** Whom a published query finds, once there is somebody. */
    private void finds(String query, String extension, Checks.Body announced) {
        checks.that("ITI-47", "published: " + query, () -> {
            announced.run();
            V3 answer = says("OK", persons(published("pdq/v3/" + query + ".xml")));
            List<String> found = answer.texts(IDS + "/@extension");
            Expect.that(found.contains(extension), "found " + found);
        });
    }
}
