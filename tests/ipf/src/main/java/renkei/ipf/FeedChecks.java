package renkei.ipf;

import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.util.Terser;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** ITI-8 by IPF's own endpoints, which check message and acknowledgement. */
final class FeedChecks extends Scene {
    private final Adt adt = new Adt("2.3.1", "UNICODE UTF-8");

    FeedChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        announcements();
        merges();
    }

    private void announcements() {
        for (String event : new String[] {"A01", "A04", "A05", "A08"}) {
            checks.that("ITI-8", event + " is acknowledged", () -> {
                Identifiable patient = Sample.patient(stranger.house());
                if (event.equals("A08")) {
                    accepted(stranger.iti8(adt.about("A04", patient)));
                }
                accepted(stranger.iti8(adt.about(event, patient)));
            });
        }
        checks.that("ITI-8", "of an announced patient documents are registered", () ->
                registeredFor(patient()));
        checks.that("ITI-8", "of a patient nobody announced they are refused", () ->
                refused(Sample.patient(stranger.house())));
    }

    private void merges() {
        checks.that("ITI-8", "after A40 documents answer under the survivor", () -> {
            Identifiable subsumed = patient();
            registeredFor(subsumed);
            Identifiable survivor = patient();
            accepted(stranger.iti8(adt.merge(survivor, subsumed)));
            answersUnder(survivor);
        });
        checks.that("ITI-8", "after A40 submissions under the old id are refused", () -> {
            Identifiable subsumed = patient();
            accepted(stranger.iti8(adt.merge(patient(), subsumed)));
            refused(subsumed);
        });
        checks.that("ITI-8", "A40 of A into B, then of B into C", () -> {
            Identifiable a = patient();
            registeredFor(a);
            Identifiable b = patient();
            Identifiable c = patient();
            accepted(stranger.iti8(adt.merge(b, a)));
            accepted(stranger.iti8(adt.merge(c, b)));
            answersUnder(c);
        });
        checks.that("ITI-8", "A40 that would make a circle is refused", () -> {
            Identifiable subsumed = patient();
            Identifiable survivor = patient();
            accepted(stranger.iti8(adt.merge(survivor, subsumed)));
            rejected(stranger.iti8(adt.merge(subsumed, survivor)));
        });
        checks.that("ITI-8", "A40 of a patient nobody announced is refused", () ->
                rejected(stranger.iti8(adt.merge(patient(), Sample.patient(stranger.house())))));
    }

    /** Not accepted, with a code of table 0357 in the one field that 2.3.1 has for it. */
    private static void rejected(Message answer) throws Exception {
        Terser terser = new Terser(answer);
        Expect.equal("AE", terser.get("/MSA-1"));
        Expect.equal("HL70357", terser.get("/ERR-1-4-3"));
    }

    private void registeredFor(Identifiable patient) throws Exception {
        Delivery delivery = new Delivery(patient);
        delivery.document("of somebody");
        Expect.success(stranger.iti41(delivery.provide()));
    }

    private void refused(Identifiable patient) throws Exception {
        Delivery delivery = new Delivery(patient);
        delivery.document("of nobody");
        Expect.failure(stranger.iti41(delivery.provide()), "XDSUnknownPatientId");
    }

    private void answersUnder(Identifiable patient) throws Exception {
        var found = Expect.success(stranger.iti18(documentsOf(patient))).getDocumentEntries();
        Expect.equal(patient, one(found).getPatientId());
    }
}
