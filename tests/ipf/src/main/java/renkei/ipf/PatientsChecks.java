package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsByReferenceIdForMultiplePatientsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsForMultiplePatientsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindFoldersForMultiplePatientsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryList;

/** ITI-51: several patients, or none. */
final class PatientsChecks extends Scene {
    private final CheckupRecord record;

    PatientsChecks(Stranger stranger, Checks checks, CheckupRecord record) {
        super(stranger, checks);
        this.record = record;
    }

    @Override
    void run() {
        severalPatients();
        ofNobody();
        refused();
    }

    private void severalPatients() {
        checks.that("ITI-51", "documents of two patients", () -> {
            DocumentEntry other = registered("of another");
            FindDocumentsForMultiplePatientsQuery query = approved();
            query.setPatientIds(List.of(record.patient, other.getPatientId()));
            var got = Expect.success(stranger.iti51(query)).getDocumentEntries();
            Expect.equal(4, got.size());
            Expect.equal(Set.of(record.patient, other.getPatientId()),
                    got.stream().map(DocumentEntry::getPatientId).collect(Collectors.toSet()));
        });
        checks.that("ITI-51", "documents by codes alone", () -> {
            FindDocumentsForMultiplePatientsQuery query = approved();
            query.setClassCodes(List.of(Sample.ORIGINAL));
            query.setEventCodes(new QueryList<>(Sample.EMPLOYER));
            query.setHealthcareFacilityTypeCodes(List.of(Sample.CENTRE));
            var got = Expect.success(stranger.iti51(query)).getDocumentEntries();
            Expect.that(got.stream().anyMatch(e ->
                    record.addendum.getEntryUuid().equals(e.getEntryUuid())), "not found");
        });
        checks.that("ITI-51", "documents by reference id", () -> {
            var query = new FindDocumentsByReferenceIdForMultiplePatientsQuery();
            query.setPatientIds(List.of(record.patient, Sample.patient(stranger.house())));
            query.setStatus(List.of(APPROVED));
            query.setTypedReferenceIds(new QueryList<>(Sample.accession(CheckupRecord.ACCESSION)));
            var got = Expect.warned(stranger.iti51(query), "XDSUnknownPatientId").getDocumentEntries();
            Expect.equal(record.corrected.getEntryUuid(), one(got).getEntryUuid());
        });
        checks.that("ITI-51", "folders of two patients", () -> {
            Identifiable other = patient();
            Delivery delivery = new Delivery(other);
            delivery.folder();
            Expect.success(stranger.iti41(delivery.provide()));
            var query = new FindFoldersForMultiplePatientsQuery();
            query.setPatientIds(List.of(record.patient, other));
            query.setStatus(List.of(APPROVED));
            query.setCodes(new QueryList<>(Sample.YEAR_2025));
            Expect.equal(2, Expect.success(stranger.iti51(query)).getFolders().size());
        });
    }

    private void ofNobody() {
        checks.that("ITI-51", "documents by reference id alone", () -> {
            var query = new FindDocumentsByReferenceIdForMultiplePatientsQuery();
            query.setStatus(List.of(APPROVED));
            query.setTypedReferenceIds(new QueryList<>(Sample.accession(CheckupRecord.ACCESSION)));
            var got = Expect.success(stranger.iti51(query)).getDocumentEntries();
            Expect.that(got.stream().anyMatch(e ->
                    record.corrected.getEntryUuid().equals(e.getEntryUuid())), "not found");
        });
        checks.that("ITI-51", "folders by codes alone", () -> {
            var query = new FindFoldersForMultiplePatientsQuery();
            query.setStatus(List.of(APPROVED));
            query.setCodes(new QueryList<>(Sample.YEAR_2025));
            var got = Expect.success(stranger.iti51(query)).getFolders();
            Expect.that(got.stream().anyMatch(f ->
                    record.folder.getEntryUuid().equals(f.getEntryUuid())), "not found");
        });
    }

    private void refused() {
        checks.that("ITI-51", "documents by neither patient nor code are refused", () ->
                Expect.failure(stranger.iti51Unchecked(approved()), "XDSStoredQueryMissingParam"));
        checks.that("ITI-51", "folders by neither patient nor code are refused", () -> {
            var query = new FindFoldersForMultiplePatientsQuery();
            query.setStatus(List.of(APPROVED));
            Expect.failure(stranger.iti51Unchecked(query), "XDSStoredQueryMissingParam");
        });
        checks.that("ITI-51", "a query of ITI-18 is refused", () -> Expect.failure(
                stranger.iti51Unchecked(documentsOf(record.patient)), "XDSUnknownStoredQuery"));
        checks.that("ITI-18", "a query of ITI-51 is refused", () ->
                Expect.failure(stranger.iti18Unchecked(approved()), "XDSUnknownStoredQuery"));
    }

    private static FindDocumentsForMultiplePatientsQuery approved() {
        var query = new FindDocumentsForMultiplePatientsQuery();
        query.setStatus(List.of(APPROVED));
        return query;
    }
}
