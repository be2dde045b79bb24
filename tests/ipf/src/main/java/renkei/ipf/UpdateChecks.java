package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.function.Consumer;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;

/** ITI-57 and ITI-92: the Document Administrator and the Update Initiator. */
final class UpdateChecks extends Scene {
    UpdateChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        entries();
        statuses();
        refused();
        restricted();
    }

    private void entries() {
        updates("title and comments in Japanese", e -> {
            e.setTitle(Sample.japanese("訂正後の題名"));
            e.setComments(Sample.japanese("訂正しました"));
        });
        updates("codes", e -> {
            e.setClassCode(Sample.ORIGINAL);
            e.setFormatCode(Sample.CDA);
            e.getEventCodeList().add(Sample.STATUTORY);
        });
        updates("times", e -> {
            e.setServiceStartTime("20250513");
            e.setServiceStopTime("20250514");
            e.setCreationTime("20250521");
        });
        updates("author and reference ids", e -> {
            e.getAuthors().add(Sample.author());
            e.getReferenceIdList().add(Sample.accession("B-1"));
        });
    }

    private void updates(String what, Consumer<DocumentEntry> change) {
        checks.that("ITI-57", "an entry's " + what, () -> {
            DocumentEntry before = registered("before");
            DocumentEntry changed = next(before);
            change.accept(changed);
            Delivery update = new Delivery(before.getPatientId());
            update.version(changed, "1");
            Expect.success(stranger.iti57(update.register()));
            DocumentEntry after = latest(before);
            Expect.equal(changed.getTitle(), after.getTitle());
            Expect.equal(changed.getComments(), after.getComments());
            Expect.equal(changed.getClassCode(), after.getClassCode());
            Expect.equal(changed.getFormatCode(), after.getFormatCode());
            Expect.equal(changed.getEventCodeList(), after.getEventCodeList());
            Expect.equal(changed.getServiceStartTime(), after.getServiceStartTime());
            Expect.equal(changed.getCreationTime(), after.getCreationTime());
            Expect.equal(changed.getAuthors(), after.getAuthors());
            Expect.equal(changed.getReferenceIdList(), after.getReferenceIdList());
            hasStatus(DEPRECATED, before.getEntryUuid());
        });
    }

    private void statuses() {
        checks.that("ITI-57", "a document becomes deprecated and approved again", () -> {
            DocumentEntry entry = registered("to and fro");
            Expect.success(stranger.iti57(new Delivery(entry.getPatientId())
                    .status(entry.getEntryUuid(), APPROVED, DEPRECATED).register()));
            hasStatus(DEPRECATED, entry.getEntryUuid());
            Expect.success(stranger.iti57(new Delivery(entry.getPatientId())
                    .status(entry.getEntryUuid(), DEPRECATED, APPROVED).register()));
            hasStatus(APPROVED, entry.getEntryUuid());
        });
    }

    private void refused() {
        refuses("a version that is not the latest", "XDSMetadataVersionError", e -> {}, "7");
        refuses("an unknown logical id", "XDSMetadataVersionError",
                e -> e.setLogicalUuid(Sample.uuid()), "1");
        refuses("another uniqueId", "XDSMetadataUpdateError", e -> e.setUniqueId(Sample.oid()), "1");
        refuses("an entry without typeCode", "XDSRegistryMetadataError", e -> e.setTypeCode(null), "1");
        checks.that("ITI-57", "a status that is not the present one is refused", () -> {
            DocumentEntry entry = registered("approved");
            Expect.failure(stranger.iti57(new Delivery(entry.getPatientId())
                    .status(entry.getEntryUuid(), DEPRECATED, APPROVED).register()),
                    "XDSMetadataUpdateError");
        });
    }

    private void refuses(String what, String code, Consumer<DocumentEntry> change, String previous) {
        checks.that("ITI-57", what + " is refused", () -> {
            DocumentEntry before = registered("stays");
            DocumentEntry changed = next(before);
            change.accept(changed);
            Delivery update = new Delivery(before.getPatientId());
            update.version(changed, previous);
            Expect.failure(stranger.iti57Unchecked(update.register()), code);
            hasStatus(APPROVED, before.getEntryUuid());
        });
    }

    private void restricted() {
        checks.that("ITI-92", "an entry's title in Japanese", () -> {
            DocumentEntry before = registered("before");
            DocumentEntry changed = next(before);
            changed.setTitle(Sample.japanese("制限付き更新"));
            Expect.success(stranger.iti92(restricted(before.getPatientId(), changed)));
            Expect.equal(changed.getTitle(), latest(before).getTitle());
        });
        checks.that("ITI-92", "another patient is refused", () -> {
            DocumentEntry before = registered("before");
            Identifiable other = patient();
            DocumentEntry changed = next(before);
            changed.setPatientId(other);
            Expect.failure(stranger.iti92(restricted(other, changed)), "XDSPatientIDReconciliationError");
        });
    }

    /** The second version of an entry, for the community of the house. */
    private RegisterDocumentSet restricted(Identifiable patient, DocumentEntry changed) {
        Delivery update = new Delivery(patient);
        update.set.setHomeCommunityId(stranger.house().homeCommunityId());
        changed.setHomeCommunityId(stranger.house().homeCommunityId());
        return update.version(changed, "1").register();
    }

    /** The entry as the next version, not yet changed. */
    private DocumentEntry next(DocumentEntry before) throws Exception {
        DocumentEntry changed = entry(before.getEntryUuid());
        changed.setLogicalUuid(before.getEntryUuid());
        changed.setEntryUuid(Sample.uuid());
        changed.setVersion(null);
        changed.setAvailabilityStatus(null);
        return changed;
    }

    /** The approved version of an entry, which is its patient's only one. */
    private DocumentEntry latest(DocumentEntry first) throws Exception {
        return one(Expect.success(stranger.iti18(documentsOf(first.getPatientId()))).getDocumentEntries());
    }
}
