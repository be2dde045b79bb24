package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.List;
import java.util.function.Consumer;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Association;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindFoldersQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetAssociationsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFoldersForDocumentQuery;

/** ITI-57 and ITI-92: the Document Administrator and the Update Initiator. */
final class UpdateChecks extends Scene {
    UpdateChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        entries();
        statuses();
        folders();
        associations();
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
        checks.that("ITI-57", "an updated document is in its folder still", () ->
                Expect.equal(1, foldersAfterUpdate(null)));
        checks.that("ITI-57", "without propagation it leaves its folder", () ->
                Expect.equal(0, foldersAfterUpdate(false)));
        checks.that("ITI-57", "every version is found by its logical id", () -> {
            DocumentEntry before = registered("two versions");
            Delivery update = new Delivery(before.getPatientId());
            update.version(next(before), "1");
            Expect.success(stranger.iti57(update.register()));
            List<String> versions = versions(before).stream()
                    .map(e -> e.getVersion().getVersionName()).sorted().toList();
            Expect.equal(List.of("1", "2"), versions);
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
        checks.that("ITI-57", "a folder becomes deprecated", () -> {
            Delivery delivery = new Delivery(patient());
            Folder folder = delivery.folder();
            Expect.success(stranger.iti41(delivery.provide()));
            Expect.success(stranger.iti57(new Delivery(delivery.patient)
                    .status(folder.getEntryUuid(), APPROVED, DEPRECATED).register()));
            FindFoldersQuery query = new FindFoldersQuery();
            query.setPatientId(delivery.patient);
            query.setStatus(List.of(APPROVED));
            Expect.equal(0, Expect.success(stranger.iti18(query)).getFolders().size());
        });
    }

    private void folders() {
        checks.that("ITI-57", "a folder's title", () -> {
            Delivery delivery = new Delivery(patient());
            Folder folder = delivery.folder();
            Expect.success(stranger.iti41(delivery.provide()));
            Folder changed = next(folder);
            changed.setTitle(Sample.japanese("改めた題名"));
            Delivery update = new Delivery(delivery.patient);
            update.version(changed, "1");
            Expect.success(stranger.iti57(update.register()));
            FindFoldersQuery query = new FindFoldersQuery();
            query.setPatientId(delivery.patient);
            query.setStatus(List.of(APPROVED));
            Expect.equal(changed.getTitle(),
                    one(Expect.success(stranger.iti18(query)).getFolders()).getTitle());
        });
    }

    private void associations() {
        checks.that("ITI-57", "a relation between two registered documents, and its end", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry one = delivery.document("one");
            DocumentEntry two = delivery.document("two");
            Expect.success(stranger.iti41(delivery.provide()));
            Delivery update = new Delivery(delivery.patient);
            Association relation =
                    update.associate(AssociationType.APPEND, two.getEntryUuid(), one.getEntryUuid());
            update.associate(AssociationType.SUBMIT_ASSOCIATION, update.set.getEntryUuid(),
                    relation.getEntryUuid());
            Expect.success(stranger.iti57(update.register()));
            Association registered = relation(one, AssociationType.APPEND);
            Expect.equal(two.getEntryUuid(), registered.getSourceUuid());
            Expect.success(stranger.iti57(new Delivery(delivery.patient)
                    .status(registered.getEntryUuid(), APPROVED, DEPRECATED).register()));
        });
    }

    private Association relation(DocumentEntry entry, AssociationType type) throws Exception {
        GetAssociationsQuery query = new GetAssociationsQuery();
        query.setUuids(List.of(entry.getEntryUuid()));
        return one(Expect.success(stranger.iti18(query)).getAssociations().stream()
                .filter(a -> a.getAssociationType() == type).toList());
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

    /** The approved version of an entry, which is its patient's only one. */
    private DocumentEntry latest(DocumentEntry first) throws Exception {
        return one(Expect.success(stranger.iti18(documentsOf(first.getPatientId()))).getDocumentEntries());
    }

    private List<DocumentEntry> versions(DocumentEntry first) throws Exception {
        GetDocumentsQuery query = new GetDocumentsQuery();
        query.setLogicalUuid(List.of(first.getEntryUuid()));
        query.setMetadataLevel(2);
        return Expect.success(stranger.iti18(query)).getDocumentEntries();
    }

    /** In how many folders the next version of a document is that was in one. */
    private int foldersAfterUpdate(Boolean propagation) throws Exception {
        Delivery delivery = new Delivery(patient());
        DocumentEntry entry = delivery.document("in a folder");
        delivery.into(delivery.folder().getEntryUuid(), entry.getEntryUuid());
        Expect.success(stranger.iti41(delivery.provide()));
        RegisterDocumentSet update =
                new Delivery(delivery.patient).version(next(entry), "1").register();
        one(update.getAssociations()).setAssociationPropagation(propagation);
        Expect.success(stranger.iti57(update));
        GetFoldersForDocumentQuery query = new GetFoldersForDocumentQuery();
        query.setUuid(latest(entry).getEntryUuid());
        return Expect.success(stranger.iti18(query)).getFolders().size();
    }
}
