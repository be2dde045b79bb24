package renkei.ipf;

import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.util.Terser;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** ITI-9 and ITI-21 by IPF's own endpoints, which check query and answer. */
final class PersonChecks extends Scene {
    private static final String CLINIC = "2.999.31.5";
    private static final String NEVER = "2.999.31.98";
    private final Adt adt = new Adt("2.3.1", "UNICODE UTF-8");

    PersonChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        identifiers();
        persons();
    }

    private void identifiers() {
        checks.that("ITI-9", "the number of an institution leads to the affinity domain's", () -> {
            Identifiable own = Sample.patient(stranger.house());
            Identifiable number = number(CLINIC);
            accepted(stranger.iti8(adt.about("A04", own, number)));
            Terser answer = found(stranger.iti9(Qbp.identifiers(number, stranger.house().assigningAuthority())));
            Expect.equal(own.getId(), answer.get("/.PID-3-1"));
            Expect.equal(stranger.house().assigningAuthority(), answer.get("/.PID-3-4-2"));
        });
        checks.that("ITI-9", "somebody who has nothing in a domain is no error", () -> {
            Identifiable own = Sample.patient(stranger.house());
            accepted(stranger.iti8(adt.about("A04", own)));
            answered("NF", stranger.iti9(Qbp.identifiers(own, CLINIC)));
        });
        checks.that("ITI-9", "an identifier that nobody has is told at its place", () ->
                refused("QPD^1^3^1^1", stranger.iti9(Qbp.identifiers(number(CLINIC)))));
        checks.that("ITI-9", "a domain that nobody has told of is told at its place", () ->
                refused("QPD^1^3^1^4", stranger.iti9(Qbp.identifiers(number(NEVER)))));
        checks.that("ITI-9", "a wanted domain that nobody has told of is told at its place", () -> {
            Identifiable own = Sample.patient(stranger.house());
            accepted(stranger.iti8(adt.about("A04", own)));
            refused("QPD^1^4^2", stranger.iti9(Qbp.identifiers(own, CLINIC, NEVER)));
        });
    }

    private void persons() {
        checks.that("ITI-21", "somebody is found by the name in kana, the birth and the sex", () -> {
            Somebody whom = somebody();
            Terser answer = found(stranger.iti21(Qbp.persons(tag(), asking(whom), 10, "")));
            Expect.equal(whom.id().getId(), answer.get("/.PID-3-1"));
            Expect.equal(whom.birth(), answer.get("/.PID-7"));
        });
        checks.that("ITI-21", "nobody is no error", () -> answered("NF",
                stranger.iti21(Qbp.persons(tag(), asking(Somebody.at(stranger.house())), 10, ""))));
        checks.that("ITI-21", "two are told page by page", () -> {
            Somebody one = somebody();
            announced(one.namesake(stranger.house()));
            String tag = tag();
            Terser first = found(stranger.iti21(Qbp.persons(tag, asking(one), 1, "")));
            Expect.equal("2", first.get("/QAK-4"));
            Expect.equal("1", first.get("/QAK-6"));
            Terser second =
                    found(stranger.iti21(Qbp.persons(tag, asking(one), 1, first.get("/DSC-1"))));
            Expect.equal("0", second.get("/QAK-6"));
            Expect.that(!first.get("/.PID-3-1").equals(second.get("/.PID-3-1")), "told twice");
        });
        checks.that("ITI-21", "a wanted domain that nobody has told of is told at its place", () -> {
            Somebody whom = somebody();
            refused("QPD^1^8^1", stranger.iti21(Qbp.persons(tag(), asking(whom), 10, "", NEVER)));
        });
    }

    private static String tag() {
        return UUID.randomUUID().toString().substring(0, 18);
    }

    private static Identifiable number(String authority) {
        String id = UUID.randomUUID().toString().replace("-", "");
        return new Identifiable(id, new AssigningAuthority(authority, "ISO"));
    }

    private static String asking(Somebody whom) {
        return "@PID.5.1.1^ケンシン~@PID.5.2^" + whom.kana() + "~@PID.7^" + whom.birth() + "~@PID.8^F";
    }

    private static Terser found(Message answer) throws Exception {
        return answered("OK", answer);
    }

    private static Terser answered(String status, Message answer) throws Exception {
        accepted(answer);
        Terser terser = new Terser(answer);
        Expect.equal(status, terser.get("/QAK-2"));
        return terser;
    }

    private static void refused(String place, Message answer) throws Exception {
        Terser terser = new Terser(answer);
        Expect.equal("AE", terser.get("/MSA-1"));
        Expect.equal("AE", terser.get("/QAK-2"));
        Expect.equal("204", terser.get("/ERR-3-1"));
        String told = "";
        for (int part = 1; part <= 5; part++) {
            String value = terser.get("/ERR-2-" + part);
            told += value == null ? "" : (part == 1 ? "" : "^") + value;
        }
        Expect.equal(place, told);
    }
}
