package renkei.ipf;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** Messages of the patient feed (ITI TF-2: 3.8), segments behind each other. */
final class Adt {
    private final String version;
    private final String charset;

    /**
     * @param version HL7's version
     * @param charset MSH-18
     */
    Adt(String version, String charset) {
        this.version = version;
        this.charset = charset;
    }

    /** A patient is admitted (A01), registered (A04), pre-admitted (A05) or changed (A08). */
    String about(String event, Identifiable patient, String names) {
        return header(event, "ADT_A01") + pid(patient, names) + "PV1|1|O\r";
    }

    /** `names` in ideograms, kana and Latin letters. */
    String about(String event, Identifiable patient) {
        return about(event, patient, "試験^太郎^^^^^L^I~シケン^タロウ^^^^^L^P~Shiken^Taro^^^^^L^A");
    }

    /** What the feed can say of somebody. */
    String about(String event, Somebody whom) {
        String ids = cx(whom.id());
        if (!whom.card().isEmpty()) {
            ids += "~" + whom.card() + "^^^&" + Somebody.INSURED + "&ISO";
        }
        String names = "健診^花子^^^^^L^I~ケンシン^" + whom.kana() + "^^^^^L^P";
        return header(event, "ADT_A01") + "PID|1||" + ids + "||" + names + "||" + whom.birth()
                + "|F|||" + whom.street() + "\r" + "PV1|1|O\r";
    }

    /** A patient whom an institution calls `number`, too. */
    String about(String event, Identifiable patient, Identifiable number) {
        return header(event, "ADT_A01") + "PID|1||" + cx(patient) + "~" + cx(number)
                + "||試験^太郎^^^^^L^I||19800401|M\rPV1|1|O\r";
    }

    /** Two ids are one patient, who keeps the id of `survivor`. */
    String merge(Identifiable survivor, Identifiable subsumed) {
        return header("A40", "ADT_A39") + pid(survivor, "試験^太郎^^^^^L^I") + mrg(subsumed);
    }

    /** What `local` names is from now on of the patient `to`, no longer of `from`; it takes in `subsumed`. */
    String move(Identifiable local, Identifiable from, Identifiable to, Identifiable... subsumed) {
        String before = cx(from) + Arrays.stream(subsumed).map(id -> "~" + cx(id)).collect(joining());
        return header("A43", "ADT_A43") + "PID|1||" + cx(to) + "~" + cx(local) + "|| \r"
                + "MRG|" + before + "\r";
    }

    private String header(String event, String structure) {
        return "MSH|^~\\&|IPF|STRANGER|RENKEI|RENKEI|20250520103000||ADT^" + event + "^" + structure
                + "|" + UUID.randomUUID().toString().substring(0, 18) + "|P|" + version
                + "||||||" + charset + "\r"
                + "EVN|" + (version.equals("2.3.1") ? event : "") + "|20250520103000\r";
    }

    private static String pid(Identifiable patient, String names) {
        return "PID|1||" + cx(patient) + "||" + names + "||19800401|M\r";
    }

    private static String mrg(Identifiable patient) {
        return "MRG|" + cx(patient) + "\r";
    }

    private static String cx(Identifiable patient) {
        String authority = patient.getAssigningAuthority().getUniversalId();
        return patient.getId() + "^^^&" + authority + "&ISO";
    }
}
