package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Association;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.XDSMetaClass;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetAssociationsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsAndAssociationsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFolderAndContentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFoldersForDocumentQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFoldersQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetRelatedDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetSubmissionSetAndContentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetSubmissionSetsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.StoredQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;

/** ITI-18: the queries that get by id (ITI TF-2: 3.18.4.1.2.3.7.5 to .13). */
final class GetChecks extends Scene {
    private final CheckupRecord record;

    GetChecks(Stranger stranger, Checks checks, CheckupRecord record) {
        super(stranger, checks);
        this.record = record;
    }

    @Override
    void run() {
        documents();
        folders();
        associations();
        submissionSets();
        related();
    }

    private void documents() {
        documents("by entryUUID", q -> q.setUuids(
                List.of(record.corrected.getEntryUuid(), record.earlier.getEntryUuid())),
                record.corrected, record.earlier);
        documents("by uniqueId", q -> q.setUniqueIds(List.of(record.form.getUniqueId())), record.form);
        documents("by entryUUID in upper case", q -> q.setUuids(List.of(
                "urn:uuid:" + record.form.getEntryUuid().substring(9).toUpperCase())), record.form);
        documents("by logical id", q -> {
            q.setLogicalUuid(List.of(record.form.getEntryUuid()));
            q.setMetadataLevel(2);
        }, record.form);
        documents("nothing by an unknown id", q -> q.setUuids(List.of(Sample.uuid())));
        checks.that("ITI-18", "GetDocuments by two kinds of id is refused", () -> {
            GetDocumentsQuery query = new GetDocumentsQuery();
            query.setUuids(List.of(record.form.getEntryUuid()));
            query.setUniqueIds(List.of(record.form.getUniqueId()));
            Expect.failure(stranger.iti18Unchecked(query), "XDSStoredQueryParamNumber");
        });
        checks.that("ITI-18", "GetDocuments of two patients is refused", () -> {
            GetDocumentsQuery query = new GetDocumentsQuery();
            query.setUuids(List.of(record.form.getEntryUuid(), registered("other").getEntryUuid()));
            Expect.failure(stranger.iti18(query), "XDSResultNotSinglePatient");
        });
        checks.that("ITI-18", "GetDocumentsAndAssociations", () -> {
            GetDocumentsAndAssociationsQuery query = new GetDocumentsAndAssociationsQuery();
            query.setUuids(List.of(record.corrected.getEntryUuid()));
            QueryResponse got = got(query);
            Expect.equal(record.corrected.getEntryUuid(), one(got.getDocumentEntries()).getEntryUuid());
            var expected = Set.of(AssociationType.HAS_MEMBER, AssociationType.REPLACE,
                    AssociationType.APPEND, AssociationType.TRANSFORM);
            Expect.equal(expected, types(got.getAssociations()));
        });
    }

    private void documents(String by, Consumer<GetDocumentsQuery> narrow, DocumentEntry... expected) {
        checks.that("ITI-18", "GetDocuments: " + by, () -> {
            GetDocumentsQuery query = new GetDocumentsQuery();
            narrow.accept(query);
            Expect.equal(uuids(List.of(expected)), uuids(got(query).getDocumentEntries()));
        });
    }

    private void folders() {
        folders("by entryUUID", q -> q.setUuids(List.of(record.folder.getEntryUuid())));
        folders("by uniqueId", q -> q.setUniqueIds(List.of(record.folder.getUniqueId())));
        folders("by logical id", q -> {
            q.setLogicalUuid(List.of(record.folder.getEntryUuid()));
            q.setMetadataLevel(2);
        });
        checks.that("ITI-18", "GetFolderAndContents: the correction inherited its place", () -> {
            GetFolderAndContentsQuery query = new GetFolderAndContentsQuery();
            query.setUuid(record.folder.getEntryUuid());
            QueryResponse got = got(query);
            Expect.equal(uuids(List.of(record.folder)), uuids(got.getFolders()));
            Expect.equal(uuids(List.of(record.earlier, record.corrected)), uuids(got.getDocumentEntries()));
            Expect.equal(2, got.getAssociations().size());
        });
        checks.that("ITI-18", "GetFolderAndContents: by uniqueId, one formatCode alone", () -> {
            GetFolderAndContentsQuery query = new GetFolderAndContentsQuery();
            query.setUniqueId(record.folder.getUniqueId());
            query.setFormatCodes(List.of(Sample.CDA));
            QueryResponse got = got(query);
            one(got.getFolders());
            Expect.equal(0, got.getDocumentEntries().size());
        });
        checks.that("ITI-18", "GetFoldersForDocument: by entryUUID", () -> {
            GetFoldersForDocumentQuery query = new GetFoldersForDocumentQuery();
            query.setUuid(record.corrected.getEntryUuid());
            Expect.equal(uuids(List.of(record.folder)), uuids(got(query).getFolders()));
        });
        checks.that("ITI-18", "GetFoldersForDocument: by uniqueId", () -> {
            GetFoldersForDocumentQuery query = new GetFoldersForDocumentQuery();
            query.setUniqueId(record.form.getUniqueId());
            Expect.equal(0, got(query).getFolders().size());
        });
    }

    private void folders(String by, Consumer<GetFoldersQuery> narrow) {
        checks.that("ITI-18", "GetFolders: " + by, () -> {
            GetFoldersQuery query = new GetFoldersQuery();
            narrow.accept(query);
            Expect.equal(uuids(List.of(record.folder)), uuids(got(query).getFolders()));
        });
    }

    private void associations() {
        checks.that("ITI-18", "GetAssociations", () -> {
            GetAssociationsQuery query = new GetAssociationsQuery();
            query.setUuids(List.of(record.form.getEntryUuid()));
            Expect.equal(Set.of(AssociationType.HAS_MEMBER, AssociationType.TRANSFORM),
                    types(got(query).getAssociations()));
        });
        checks.that("ITI-18", "GetAssociations: approved ones alone, MetadataLevel 2", () -> {
            GetAssociationsQuery query = new GetAssociationsQuery();
            query.setUuids(List.of(record.form.getEntryUuid()));
            query.setAssociationStatuses(List.of(APPROVED));
            query.setMetadataLevel(2);
            Expect.equal(2, got(query).getAssociations().size());
        });
    }

    private void submissionSets() {
        checks.that("ITI-18", "GetSubmissionSets of a document", () -> {
            GetSubmissionSetsQuery query = new GetSubmissionSetsQuery();
            query.setUuids(List.of(record.earlier.getEntryUuid()));
            Expect.equal(uuids(List.of(record.first.set)), uuids(got(query).getSubmissionSets()));
        });
        checks.that("ITI-18", "GetSubmissionSetAndContents: by entryUUID", () -> {
            GetSubmissionSetAndContentsQuery query = new GetSubmissionSetAndContentsQuery();
            query.setUuid(record.first.set.getEntryUuid());
            QueryResponse got = got(query);
            Expect.equal(uuids(List.of(record.first.set)), uuids(got.getSubmissionSets()));
            Expect.equal(uuids(List.of(record.earlier)), uuids(got.getDocumentEntries()));
            Expect.equal(uuids(List.of(record.folder)), uuids(got.getFolders()));
            Expect.equal(4, got.getAssociations().size());
        });
        checks.that("ITI-18", "GetSubmissionSetAndContents: by uniqueId, one formatCode alone", () -> {
            GetSubmissionSetAndContentsQuery query = new GetSubmissionSetAndContentsQuery();
            query.setUniqueId(record.first.set.getUniqueId());
            query.setFormatCodes(List.of(Sample.CDA));
            QueryResponse got = got(query);
            one(got.getSubmissionSets());
            Expect.equal(0, got.getDocumentEntries().size());
        });
    }

    private void related() {
        checks.that("ITI-18", "GetRelatedDocuments: what was appended", () -> {
            GetRelatedDocumentsQuery query = new GetRelatedDocumentsQuery();
            query.setUuid(record.corrected.getEntryUuid());
            query.setAssociationTypes(List.of(AssociationType.APPEND));
            QueryResponse got = got(query);
            Expect.equal(uuids(List.of(record.corrected, record.addendum)),
                    uuids(got.getDocumentEntries()));
            one(got.getAssociations());
        });
        checks.that("ITI-18", "GetRelatedDocuments: every relation, by uniqueId", () -> {
            GetRelatedDocumentsQuery query = new GetRelatedDocumentsQuery();
            query.setUniqueId(record.corrected.getUniqueId());
            query.setAssociationTypes(List.of(AssociationType.APPEND, AssociationType.REPLACE,
                    AssociationType.TRANSFORM, AssociationType.TRANSFORM_AND_REPLACE));
            QueryResponse got = got(query);
            Expect.equal(4, got.getDocumentEntries().size());
            Expect.equal(3, got.getAssociations().size());
        });
        checks.that("ITI-18", "GetRelatedDocuments without a type is refused", () -> {
            GetRelatedDocumentsQuery query = new GetRelatedDocumentsQuery();
            query.setUuid(record.corrected.getEntryUuid());
            Expect.failure(stranger.iti18Unchecked(query), "XDSStoredQueryMissingParam");
        });
    }

    private QueryResponse got(StoredQuery query) throws Exception {
        return Expect.success(stranger.iti18(query));
    }

    private static Set<String> uuids(List<? extends XDSMetaClass> objects) {
        return objects.stream().map(XDSMetaClass::getEntryUuid)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<AssociationType> types(List<Association> associations) {
        return associations.stream().map(Association::getAssociationType).collect(Collectors.toSet());
    }
}
