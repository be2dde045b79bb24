package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Code;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntryType;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FetchQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryList;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.StoredQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;

/** ITI-18: the query that finds by patient (ITI TF-2: 3.18.4.1.2.3.7.1). */
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
        finds("MetadataLevel 2", q -> q.setMetadataLevel(2),
                record.corrected, record.addendum, record.form);
        checks.that("ITI-18", "FindDocuments: references alone", () -> {
            QueryResponse got = stranger.iti18(documentsOf(record.patient), QueryReturnType.OBJECT_REF);
            Expect.equal(3, Expect.success(got).getReferences().size());
            Expect.equal(0, got.getDocumentEntries().size());
        });
        checks.that("ITI-18", "FindDocuments: of a stranger nothing", () -> {
            var query = documentsOf(Sample.patient(stranger.house()));
            Expect.equal(0, Expect.success(stranger.iti18(query)).getDocumentEntries().size());
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

    private void refused() {
        checks.that("ITI-18", "FindDocuments without a status is refused", () -> {
            FindDocumentsQuery query = new FindDocumentsQuery();
            query.setPatientId(record.patient);
            Expect.failure(stranger.iti18Unchecked(query), "XDSStoredQueryMissingParam");
        });
        checks.that("ITI-18", "FindDocuments without a patient is refused", () -> {
            FindDocumentsQuery query = new FindDocumentsQuery();
            query.setStatus(List.of(APPROVED));
            Expect.failure(stranger.iti18Unchecked(query), "XDSStoredQueryMissingParam");
        });
        checks.that("ITI-18", "a query of another profile is refused", () ->
                Expect.failure(stranger.iti18Unchecked(new FetchQuery()), "XDSUnknownStoredQuery"));
    }
}
