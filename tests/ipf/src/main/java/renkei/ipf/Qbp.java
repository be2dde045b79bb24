package renkei.ipf;

import java.util.UUID;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;

/** Queries for persons (ITI TF-2: 3.9, 3.21), segments behind each other. */
final class Qbp {
    private Qbp() {}

    /** The other identifiers of whoever has `id`: of these domains, or of all. */
    static String identifiers(Identifiable id, String... domains) {
        return header("Q23") + "QPD|IHE PIX Query|" + UUID.randomUUID().toString().substring(0, 18) + "|"
                + id.getId() + "^^^&" + id.getAssigningAuthority().getUniversalId() + "&ISO|" + wanted(domains)
                + "\rRCP|I\r";
    }

    /** Who is described by `parameters` (QPD-3), `most` at once, from the beginning or from `pointer`. */
    static String persons(String tag, String parameters, int most, String pointer, String... domains) {
        return header("Q22") + "QPD|IHE PDQ Query|" + tag + "|" + parameters + "|||||" + wanted(domains)
                + "\rRCP|I|" + most + "^RD\r" + (pointer.isEmpty() ? "" : "DSC|" + pointer + "|I\r");
    }

    private static String wanted(String... domains) {
        return domains.length == 0 ? "" : "^^^&" + String.join("&ISO~^^^&", domains) + "&ISO";
    }

    private static String header(String event) {
        return "MSH|^~\\&|IPF|STRANGER|RENKEI|RENKEI|20250520103000||QBP^" + event + "^QBP_Q21|"
                + UUID.randomUUID().toString().substring(0, 18) + "|P|2.5||||||UNICODE UTF-8\r";
    }
}
