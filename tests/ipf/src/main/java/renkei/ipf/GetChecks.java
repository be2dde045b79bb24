package renkei.ipf;


import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.XDSMetaClass;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetSubmissionSetAndContentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.StoredQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;

/** ITI-18: the queries that get by id (ITI TF-2: 3.18.4.1.2.3.7.5 and .10). */
final class GetChecks extends Scene {
    private final CheckupRecord record;

    GetChecks(Stranger stranger, Checks checks, CheckupRecord record) {
        super(stranger, checks);
        this.record = record;
    }

    @Override
    void run() {
        documents();
        submissionSets();
    }

    private void documents() {
        documents("by entryUUID", q -> q.setUuids(
                List.of(record.corrected.getEntryUuid(), record.earlier.getEntryUuid())),
                record.corrected, record.earlier);
        documents("by uniqueId", q -> q.setUniqueIds(List.of(record.form.getUniqueId())), record.form);
        documents("by entryUUID in upper case", q -> q.setUuids(List.of(
                "urn:uuid:" + record.form.getEntryUuid().substring(9).toUpperCase())), record.form);
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
    }

    private void documents(String by, Consumer<GetDocumentsQuery> narrow, DocumentEntry... expected) {
        checks.that("ITI-18", "GetDocuments: " + by, () -> {
            GetDocumentsQuery query = new GetDocumentsQuery();
            narrow.accept(query);
            Expect.equal(uuids(List.of(expected)), uuids(got(query).getDocumentEntries()));
        });
    }

    private void submissionSets() {
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

    private QueryResponse got(StoredQuery query) throws Exception {
        return Expect.success(stranger.iti18(query));
    }

    private static Set<String> uuids(List<? extends XDSMetaClass> objects) {
        return objects.stream().map(XDSMetaClass::getEntryUuid)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
