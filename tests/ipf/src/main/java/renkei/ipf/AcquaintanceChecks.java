package renkei.ipf;

import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssigningAuthority;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** The Initiating Gateway asks IPF as whom its community knows a patient (ITI-55), then for documents (ITI-38). */
final class AcquaintanceChecks extends Scene {
    private static final String PARAMETERS =
            "/*/v3:controlActProcess/v3:queryByParameter/v3:parameterList";
    private final Neighbour far;
    private final Directory directory;

    AcquaintanceChecks(Stranger stranger, Checks checks, Neighbour far, Directory directory) {
        super(stranger, checks);
        this.far = far;
        this.directory = directory;
    }

    @Override
    void run() {
        found();
        notFound();
    }

    /** As whom IPF's community knows somebody. */
    static Somebody there(Somebody whom) {
        String id = "N-" + whom.id().getId().substring(0, 12);
        return whom.as(new Identifiable(id, new AssigningAuthority("1.2.392.200119.9.57.1", "ISO")));
    }

    private DocumentEntry held(Somebody there) throws Exception {
        var text = new ByteArrayDataSource("far".getBytes(StandardCharsets.UTF_8), "text/csv");
        return far.has(there.id(), text);
    }

    private QueryResponse documents(Somebody whom) throws Exception {
        FindDocumentsQuery query = documentsOf(whom.id());
        query.setTargetCommunityIds(List.of(far.home));
        return stranger.iti18Across(query);
    }

    /** The one document that IPF's community has of somebody. */
    private void gets(DocumentEntry expected, Somebody whom) throws Exception {
        DocumentEntry got = one(Expect.success(documents(whom)).getDocumentEntries());
        Expect.equal(expected.getUniqueId() + far.home, got.getUniqueId() + got.getHomeCommunityId());
        // as IPF's community calls the patient
        Expect.equal(expected.getPatientId(), got.getPatientId());
    }

    private void found() {
        checks.that("ITI-55", "IPF tells as whom it knows a patient, and is asked for them by that id", () -> {
            Somebody whom = somebody();
            DocumentEntry held = held(there(whom));
            directory.knows(whom.id(), null, there(whom));
            gets(held, whom);
            V3 asked = one(directory.asked(whom.id()));
            Expect.equal(List.of(whom.birth()), asked.texts(
                    PARAMETERS + "/v3:livingSubjectBirthTime/v3:value/@value"));
            Expect.equal(0, asked.count(PARAMETERS + "/v3:patientAddress"));
            Expect.equal(there(whom).id(), ((FindDocumentsQuery) far.last().getQuery()).getPatientId());
        });
        checks.that("ITI-55", "documents of the house and of a community that knows the patient otherwise", () -> {
            Somebody whom = somebody();
            Delivery delivery = new Delivery(whom.id());
            delivery.document("own");
            Expect.success(stranger.iti41(delivery.provide()));
            held(there(whom));
            directory.knows(whom.id(), null, there(whom));
            // IPF refuses entries of one person whose communities call them differently (decision 0035).
            // The community that is entered without discovery knows nobody by the id of the house.
            QueryResponse got = Expect.warned(
                    stranger.iti18Across(documentsOf(whom.id()), QueryReturnType.OBJECT_REF), "XDSUnknownPatientId");
            Expect.equal(Set.of(stranger.house().homeCommunityId(), far.home), got.getReferences().stream()
                    .map(ObjectReference::getHome).collect(Collectors.toSet()));
        });
        checks.that("ITI-55", "what IPF lets be kept is not asked again, anything else is", () -> {
            for (String keeps : new String[] {"P7D", null}) {
                Somebody whom = somebody();
                DocumentEntry held = held(there(whom));
                directory.knows(whom.id(), keeps, there(whom));
                gets(held, whom);
                gets(held, whom);
                Expect.equal(keeps == null ? 2 : 1, directory.asked(whom.id()).size());
            }
        });
        checks.that("ITI-55", "what IPF requests is told, once", () -> {
            Somebody whom = announced(Somebody.at(stranger.house()).living("架空町1-2-3"));
            DocumentEntry held = held(there(whom));
            directory.requests(whom.id(), "PatientAddressRequested");
            directory.knows(whom.id(), null, there(whom));
            gets(held, whom);
            List<V3> asked = directory.asked(whom.id());
            Expect.equal(2, asked.size());
            Expect.equal(0, asked.get(0).count(PARAMETERS + "/v3:patientAddress"));
            Expect.equal("架空町1-2-3", asked.get(1).text(
                    PARAMETERS + "/v3:patientAddress/v3:value/v3:streetAddressLine"));
        });
    }

    private void notFound() {
        checks.that("ITI-55", "whom IPF does not know is a warning", () -> {
            QueryResponse got = documents(somebody());
            ErrorInfo told = one(Expect.tells(got, "XDSUnknownPatientId").getErrors());
            Expect.equal(Severity.WARNING, told.getSeverity());
            Expect.equal(Status.SUCCESS, got.getStatus());
        });
        untold("two candidates of IPF are none", whom -> directory.knows(
                whom.id(), null, there(whom), there(somebody()).as(Sample.patient(stranger.house()))));
        untold("a candidate of IPF who was born on another day is somebody else", whom ->
                directory.knows(whom.id(), null, there(whom).born("19750413")));
        untold("what IPF requests again is not told twice", whom ->
                directory.requests(whom.id(), "PatientAddressRequested"));
        untold("IPF that is busy is told as such", whom -> directory.fails(whom.id(), "ResponderBusy"));
    }

    private interface Setting {
        void of(Somebody whom) throws Exception;
    }

    /** IPF is not asked for documents; why, the answer tells. */
    private void untold(String says, Setting setting) {
        checks.that("ITI-55", says, () -> {
            Somebody whom = announced(Somebody.at(stranger.house()).living("架空町9"));
            held(there(whom));
            setting.of(whom);
            QueryResponse got = documents(whom);
            Expect.failure(got, "XDSUnavailableCommunity");
            Expect.equal(far.home, one(got.getErrors()).getLocation());
        });
    }
}
