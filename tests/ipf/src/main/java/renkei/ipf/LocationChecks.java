package renkei.ipf;

import jakarta.mail.util.ByteArrayDataSource;
import java.util.List;
import java.util.Set;
import org.apache.cxf.binding.soap.Soap12;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import renkei.ipf.House.Role;

/** ITI-56: IPF as the gateway of another community asks which communities hold data of a patient. */
final class LocationChecks extends Scene {
    private final Neighbour far;
    private final Directory directory;

    LocationChecks(Stranger stranger, Checks checks, Neighbour far, Directory directory) {
        super(stranger, checks);
        this.far = far;
        this.directory = directory;
    }

    private static String query(Identifiable patient) {
        return """
                <PatientLocationQueryRequest xmlns="urn:ihe:iti:xcpd:2009">
                <RequestedPatientId root="%s" extension="%s"/></PatientLocationQueryRequest>
                """.formatted(patient.getAssigningAuthority().getUniversalId(), patient.getId());
    }

    private static List<String> texts(V3 answer, String element) throws Exception {
        return answer.texts("//*[local-name()='" + element + "']/text()");
    }

    @Override
    void run() {
        String home = stranger.house().homeCommunityId();
        checks.that("ITI-56", "the house alone holds data of whom it looked for nowhere else", () -> {
            Somebody whom = somebody();
            V3 told = new V3(stranger.iti56(query(whom.id())));
            Expect.equal(List.of(home), texts(told, "HomeCommunityId"));
            Expect.equal(List.of(whom.id().getId()),
                    told.texts("//*[local-name()='CorrespondingPatientId']/@extension"));
        });
        checks.that("ITI-56", "the house, and IPF's community, which told that it knows the patient", () -> {
            Somebody whom = somebody();
            Somebody there = AcquaintanceChecks.there(whom);
            far.has(there.id(), new ByteArrayDataSource(new byte[] {1}, "text/csv"));
            directory.knows(whom.id(), "P7D", there);
            FindDocumentsQuery query = documentsOf(whom.id());
            query.setTargetCommunityIds(List.of(far.home));
            one(Expect.success(stranger.iti18Across(query)).getDocumentEntries());
            V3 told = new V3(stranger.iti56(query(whom.id())));
            Expect.equal(Set.of(home, far.home), Set.copyOf(texts(told, "HomeCommunityId")));
            Expect.equal(Set.of(whom.id().getId(), there.id().getId()),
                    Set.copyOf(told.texts("//*[local-name()='CorrespondingPatientId']/@extension")));
        });
        checks.that("ITI-56", "of nobody whom the house knows nothing is told", () ->
                refused(Role.GATEWAY, Sample.patient(stranger.house())));
        checks.that("ITI-56", "a consumer is no gateway", () -> refused(Role.CONSUMER, somebody().id()));
    }

    private void refused(Role role, Identifiable patient) throws Exception {
        var fault = Expect.fault(() -> stranger.as(
                role, "xcpd-iti56", "xcpd", query(patient), String.class));
        Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
    }
}
