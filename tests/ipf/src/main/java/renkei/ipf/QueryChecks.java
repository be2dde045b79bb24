package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentAvailability;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntryType;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FetchQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsByReferenceIdQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindFoldersQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindSubmissionSetsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetAllQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryList;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.StoredQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;

/** ITI-18: the queries that find by patient (ITI TF-2: 3.18.4.1.2.3.7.1 to .4 and .14). */
final class QueryChecks extends Scene {
    private static final List<DocumentEntryType> BOTH_TYPES =
            List.of(DocumentEntryType.STABLE, DocumentEntryType.ON_DEMAND);
    private final CheckupRecord record;

    QueryChecks(Stranger stranger, Checks checks, CheckupRecord record) {
        super(stranger, checks);
        this.record = record;
    }

    @Override
    void run() {
        documents();
        byReference();
        excluding();
        submissionSets();
        folders();
        all();
        refused();
    }

    private void documents() {
        finds("every approved document", q -> {}, record.corrected, record.addendum, record.form);
        finds("deprecated ones", q -> q.setStatus(List.of(DEPRECATED)), record.earlier);
        finds("both statuses", q -> q.setStatus(List.of(APPROVED, DEPRECATED)),
                record.earlier, record.corrected, record.addendum, record.form);
        finds("classCode", q -> q.setClassCodes(List.of(Sample.ORIGINAL)), record.addendum);
        finds("typeCode", q -> q.setTypeCodes(List.of(Sample.REPORT)),
                record.corrected, record.addendum, record.form);
        finds("formatCode", q -> q.setFormatCodes(List.of(Sample.CDA)), record.form);
        finds("practiceSettingCode", q -> q.setPracticeSettingCodes(List.of(Sample.PREVENTION)),
                record.corrected, record.addendum, record.form);
        finds("healthcareFacilityTypeCode",
                q -> q.setHealthcareFacilityTypeCodes(List.of(Sample.CENTRE)),
                record.corrected, record.addendum, record.form);
        finds("two eventCodes at once", q -> {
            QueryList<Code> codes = new QueryList<>();
            codes.getOuterList().add(List.of(Sample.EMPLOYER));
            codes.getOuterList().add(List.of(Sample.STATUTORY));
            q.setEventCodes(codes);
        }, record.corrected);
        finds("confidentialityCode", q -> q.setConfidentialityCodes(new QueryList<>(Sample.FULL)),
                record.corrected, record.addendum, record.form);
        finds("creationTime", q -> q.getCreationTime().setTo("20250101"), record.addendum);
        finds("serviceStartTime", q -> {
            q.getServiceStartTime().setFrom("20240401");
            q.getServiceStartTime().setTo("20240402");
        }, record.addendum);
        finds("serviceStopTime", q -> q.getServiceStopTime().setFrom("20250101"),
                record.corrected, record.form);
        finds("authorPerson by a pattern in Japanese", q -> q.setAuthorPersons(List.of("%別人%")),
                record.addendum);
        finds("DocumentEntryType of both kinds", q -> q.setDocumentEntryTypes(BOTH_TYPES),
                record.corrected, record.addendum, record.form);
        finds("DocumentEntryType on-demand alone",
                q -> q.setDocumentEntryTypes(List.of(DocumentEntryType.ON_DEMAND)));
        finds("documentAvailability",
                q -> q.setDocumentAvailability(List.of(DocumentAvailability.ONLINE)),
                record.corrected, record.addendum, record.form);
        finds("MetadataLevel 2", q -> q.setMetadataLevel(2),
                record.corrected, record.addendum, record.form);
        checks.that("ITI-18", "FindDocuments: references alone", () -> {
            QueryResponse got = stranger.iti18(documentsOf(record.patient), QueryReturnType.OBJECT_REF);
            Expect.equal(3, Expect.success(got).getReferences().size());
            Expect.equal(0, got.getDocumentEntries().size());
        });
        checks.that("ITI-18", "FindDocuments: of a stranger nothing", () -> {
            var query = documentsOf(Sample.patient(stranger.house()));
            var got = Expect.warned(stranger.iti18(query), "XDSUnknownPatientId");
            Expect.equal(0, got.getDocumentEntries().size());
        });
    }

    private void finds(String by, Consumer<FindDocumentsQuery> narrow, DocumentEntry... expected) {
        checks.that("ITI-18", "FindDocuments: " + by, () -> {
            FindDocumentsQuery query = documentsOf(record.patient);
            narrow.accept(query);
            Expect.equal(uuids(List.of(expected)), found(query));
        });
    }

    private Set<String> found(StoredQuery query) throws Exception {
        return uuids(Expect.success(stranger.iti18(query)).getDocumentEntries());
    }

    private static Set<String> uuids(List<DocumentEntry> entries) {
        return entries.stream().map(DocumentEntry::getEntryUuid).collect(Collectors.toSet());
    }

    private void byReference() {
        checks.that("ITI-18", "FindDocumentsByReferenceId", () -> {
            FindDocumentsByReferenceIdQuery query = new FindDocumentsByReferenceIdQuery();
            query.setPatientId(record.patient);
            query.setStatus(List.of(APPROVED));
            query.setTypedReferenceIds(new QueryList<>(Sample.accession(CheckupRecord.ACCESSION)));
            Expect.equal(Set.of(record.corrected.getEntryUuid()), found(query));
        });
    }

    private void excluding() {
        excludes("ClassCode", q -> q.setClassCodes(List.of(Sample.ORIGINAL)), record.corrected, record.form);
        excludes("FormatCode", q -> q.setFormatCodes(List.of(Sample.CDA)),
                record.corrected, record.addendum);
        excludes("EventCodeList", q -> q.setEventCodes(new QueryList<>(Sample.STATUTORY)),
                record.addendum, record.form);
        excludes("ConfidentialityCode", q -> q.setConfidentialityCodes(new QueryList<>(Sample.FULL)));
        excludes("AuthorPerson", q -> q.setAuthorPersons(List.of("%別人%")), record.corrected, record.form);
        checks.that("ITI-18", "FindDocumentsExclude: a code and its exclusion are refused", () -> {
            FindDocumentsQuery query = documentsOf(record.patient);
            query.setClassCodes(List.of(Sample.ORIGINAL));
            query.setTypeCodes(List.of(Sample.REPORT));
            var both = Map.of("$XDSDocumentEntryTypeCode", "$XDSDocumentEntryClassCodeExclude");
            Expect.failure(stranger.iti18Excluding(query, both), "XDSStoredQueryParamNumber");
        });
    }

    /** What `narrow` would find is not among `expected`. */
    private void excludes(String what, Consumer<FindDocumentsQuery> narrow, DocumentEntry... expected) {
        checks.that("ITI-18", "FindDocumentsExclude: " + what, () -> {
            FindDocumentsQuery query = documentsOf(record.patient);
            narrow.accept(query);
            String parameter = "$XDSDocumentEntry" + what;
            var got = Expect.success(stranger.iti18Excluding(query, Map.of(parameter, parameter + "Exclude")));
            Expect.equal(uuids(List.of(expected)), uuids(got.getDocumentEntries()));
        });
    }

    private void submissionSets() {
        sets("all", q -> {}, 3);
        sets("sourceId", q -> q.setSourceIds(List.of(Sample.SOURCE_ID)), 3);
        sets("another sourceId", q -> q.setSourceIds(List.of(Sample.ROOT + ".10.1")), 0);
        sets("contentTypeCode", q -> q.setContentTypeCodes(List.of(Sample.DELIVERY)), 3);
        sets("authorPerson", q -> q.setAuthorPerson("%花子%"), 3);
        sets("submissionTime", q -> {
            q.getSubmissionTime().setFrom("20250520");
            q.getSubmissionTime().setTo("20250521");
        }, 3);
        sets("another submissionTime", q -> q.getSubmissionTime().setTo("20250519"), 0);
    }

    private void sets(String by, Consumer<FindSubmissionSetsQuery> narrow, int expected) {
        checks.that("ITI-18", "FindSubmissionSets: " + by, () -> {
            FindSubmissionSetsQuery query = new FindSubmissionSetsQuery();
            query.setPatientId(record.patient);
            query.setStatus(List.of(APPROVED));
            narrow.accept(query);
            Expect.equal(expected, Expect.success(stranger.iti18(query)).getSubmissionSets().size());
        });
    }

    private void folders() {
        folders("all", q -> {}, 1);
        folders("codeList", q -> q.setCodes(new QueryList<>(Sample.YEAR_2025)), 1);
        folders("lastUpdateTime", q -> q.getLastUpdateTime().setFrom("20250101"), 1);
        folders("an earlier lastUpdateTime", q -> q.getLastUpdateTime().setTo("20250101"), 0);
    }

    private void folders(String by, Consumer<FindFoldersQuery> narrow, int expected) {
        checks.that("ITI-18", "FindFolders: " + by, () -> {
            FindFoldersQuery query = new FindFoldersQuery();
            query.setPatientId(record.patient);
            query.setStatus(List.of(APPROVED));
            narrow.accept(query);
            Expect.equal(expected, Expect.success(stranger.iti18(query)).getFolders().size());
        });
    }

    private void all() {
        checks.that("ITI-18", "GetAll", () -> {
            GetAllQuery query = new GetAllQuery();
            query.setPatientId(record.patient);
            query.setStatusDocuments(List.of(APPROVED, DEPRECATED));
            query.setStatusSubmissionSets(List.of(APPROVED));
            query.setStatusFolders(List.of(APPROVED));
            QueryResponse got = Expect.success(stranger.iti18(query));
            Expect.equal(4, got.getDocumentEntries().size());
            Expect.equal(3, got.getSubmissionSets().size());
            Expect.equal(1, got.getFolders().size());
            Expect.that(got.getAssociations().size() >= 10, got.getAssociations().size() + " associations");
        });
    }

    private void refused() {
        incomplete("FindDocuments", "status", () -> {
            FindDocumentsQuery query = new FindDocumentsQuery();
            query.setPatientId(record.patient);
            return query;
        });
        incomplete("FindDocuments", "patient", () -> {
            FindDocumentsQuery query = new FindDocumentsQuery();
            query.setStatus(List.of(APPROVED));
            return query;
        });
        incomplete("FindDocumentsByReferenceId", "reference id", () -> {
            FindDocumentsByReferenceIdQuery query = new FindDocumentsByReferenceIdQuery();
            query.setPatientId(record.patient);
            query.setStatus(List.of(APPROVED));
            return query;
        });
        incomplete("FindSubmissionSets", "patient", () -> {
            FindSubmissionSetsQuery query = new FindSubmissionSetsQuery();
            query.setStatus(List.of(APPROVED));
            return query;
        });
        incomplete("FindFolders", "status", () -> {
            FindFoldersQuery query = new FindFoldersQuery();
            query.setPatientId(record.patient);
            return query;
        });
        incomplete("GetAll", "status of folders", () -> {
            GetAllQuery query = new GetAllQuery();
            query.setPatientId(record.patient);
            query.setStatusDocuments(List.of(APPROVED));
            query.setStatusSubmissionSets(List.of(APPROVED));
            return query;
        });
        checks.that("ITI-18", "a query of another profile is refused", () ->
                Expect.failure(stranger.iti18Unchecked(new FetchQuery()), "XDSUnknownStoredQuery"));
    }

    private void incomplete(String query, String what, Supplier<StoredQuery> made) {
        checks.that("ITI-18", query + " without a " + what + " is refused", () ->
                Expect.failure(stranger.iti18Unchecked(made.get()), "XDSStoredQueryMissingParam"));
    }
}
