package renkei.ipf;

import jakarta.activation.DataSource;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** IPF as a consumer of the Initiating Gateway, which asks IPF as the gateway of another community. */
final class NeighbourChecks extends Scene {
    private final Neighbour neighbour;
    private final String home;

    NeighbourChecks(Stranger stranger, Checks checks, Neighbour neighbour) {
        super(stranger, checks);
        this.neighbour = neighbour;
        home = stranger.house().homeCommunityId();
    }

    @Override
    void run() {
        queries();
        errors();
        retrievals();
    }

    private static DataSource text(String text) {
        return new ByteArrayDataSource(text.getBytes(StandardCharsets.UTF_8), "text/csv");
    }

    /** What the house and IPF's community have: another one that is entered knows patients by ids of its own. */
    private FindDocumentsQuery ofBoth(Identifiable patient) {
        FindDocumentsQuery query = documentsOf(patient);
        query.setTargetCommunityIds(List.of(home, neighbour.home));
        return query;
    }

    private void queries() {
        checks.that("ITI-18", "across communities: documents of the house and of IPF's community", () -> {
            DocumentEntry own = registered("own");
            DocumentEntry other = neighbour.has(own.getPatientId(), text("other"));
            QueryResponse found = Expect.success(stranger.iti18Across(ofBoth(own.getPatientId())));
            Expect.equal(Set.of(own.getUniqueId() + home, other.getUniqueId() + neighbour.home),
                    found.getDocumentEntries().stream()
                            .map(e -> e.getUniqueId() + e.getHomeCommunityId())
                            .collect(Collectors.toSet()));
            var asked = (FindDocumentsQuery) neighbour.last().getQuery();
            Expect.equal(own.getPatientId(), asked.getPatientId());
            Expect.equal(null, asked.getHomeCommunityId());
        });
        checks.that("ITI-18", "across communities: references of both", () -> {
            DocumentEntry own = registered("own");
            neighbour.has(own.getPatientId(), text("other"));
            QueryResponse found = Expect.success(
                    stranger.iti18Across(ofBoth(own.getPatientId()), QueryReturnType.OBJECT_REF));
            Expect.equal(Set.of(home, neighbour.home), found.getReferences().stream()
                    .map(ObjectReference::getHome).collect(Collectors.toSet()));
        });
        checks.that("ITI-18", "across communities: a document of IPF's community by its id", () -> {
            DocumentEntry other = neighbour.has(patient(), text("other"));
            GetDocumentsQuery query = new GetDocumentsQuery();
            query.setUuids(List.of(other.getEntryUuid()));
            query.setHomeCommunityId(neighbour.home);
            DocumentEntry got = one(Expect.success(stranger.iti18Across(query)).getDocumentEntries());
            Expect.equal(other, got);
        });
        checks.that("ITI-18", "across communities: only the community that is listed is asked", () -> {
            DocumentEntry own = registered("own");
            neighbour.has(own.getPatientId(), text("other"));
            FindDocumentsQuery query = documentsOf(own.getPatientId());
            query.setTargetCommunityIds(List.of(neighbour.home));
            DocumentEntry got = one(Expect.success(stranger.iti18Across(query)).getDocumentEntries());
            Expect.equal(neighbour.home, got.getHomeCommunityId());
        });
    }

    private void errors() {
        checks.that("ITI-18", "across communities: who does not know the patient is no error", () -> {
            DocumentEntry own = registered("own");
            QueryResponse found = Expect.warned(
                    stranger.iti18Across(ofBoth(own.getPatientId())), "XDSUnknownPatientId");
            Expect.equal(own.getUniqueId(), one(found.getDocumentEntries()).getUniqueId());
        });
        checks.that("ITI-18", "across communities: an error of IPF's community beside what the house has", () -> {
            DocumentEntry own = registered("own");
            neighbour.fails(own.getPatientId(), ErrorCode.REGISTRY_BUSY);
            QueryResponse found = stranger.iti18Across(ofBoth(own.getPatientId()));
            Expect.equal(Status.PARTIAL_SUCCESS, found.getStatus());
            one(Expect.tells(found, "XDSRegistryBusy").getDocumentEntries());
            // The error as it came, and the warning that names the community.
            Expect.equal(List.of(neighbour.home, neighbour.home),
                    found.getErrors().stream().map(ErrorInfo::getLocation).toList());
        });
    }

    private RetrievedDocumentSet retrieve(DocumentEntry... entries) throws Exception {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        for (DocumentEntry entry : entries) {
            request.addReferenceTo(entry);
        }
        return stranger.iti43Across(request);
    }

    private void retrievals() {
        checks.that("ITI-43", "across communities: a document of each", () -> {
            DocumentEntry own = registered("own");
            own.setHomeCommunityId(home);
            DocumentEntry other = neighbour.has(own.getPatientId(), text("other"));
            RetrievedDocumentSet got = Expect.success(retrieve(own, other));
            Expect.equal(2, got.getDocuments().size());
            for (RetrievedDocument document : got.getDocuments()) {
                boolean here = document.getRequestData().getHomeCommunityId().equals(home);
                Expect.equal(here ? "own" : "other", Contents.text(document));
            }
        });
        checks.that("ITI-43", "across communities: 20 MiB of IPF's community", () -> {
            Identifiable patient = patient();
            DocumentEntry other = neighbour.has(patient, Contents.large(20 * 1024 * 1024));
            // what its entry says is compared from now on
            Expect.success(stranger.iti18Across(ofBoth(patient)));
            RetrievedDocument got = one(Expect.success(retrieve(other)).getDocuments());
            Expect.equal(other.getHash() + " of " + other.getSize(),
                    Contents.digest(got.getDataHandler().getInputStream()));
        });
        checks.that("ITI-43", "across communities: what IPF's community does not have is told", () -> {
            DocumentEntry own = registered("own");
            own.setHomeCommunityId(home);
            DocumentEntry other = neighbour.has(own.getPatientId(), text("other"));
            DocumentReference gone =
                    new DocumentReference(other.getRepositoryUniqueId(), Sample.oid(), neighbour.home);
            RetrieveDocumentSet request = new RetrieveDocumentSet();
            request.addReferenceTo(own);
            request.getDocuments().add(gone);
            RetrievedDocumentSet got = stranger.iti43Across(request);
            Expect.equal(Status.PARTIAL_SUCCESS, got.getStatus());
            Expect.equal("own", Contents.text(one(got.getDocuments())));
            Expect.tells(got, "XDSDocumentUniqueIdError");
        });
    }
}
