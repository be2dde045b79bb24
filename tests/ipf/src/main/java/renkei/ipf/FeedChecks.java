package renkei.ipf;

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
}
