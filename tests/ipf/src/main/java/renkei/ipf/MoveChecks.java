package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import ca.uhn.hl7v2.model.Message;
import ca.uhn.hl7v2.util.Terser;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFolderAndContentsQuery;

/** Documents of a wrong patient: an administrator moves them (ITI-57), or the feed does (ITI-64). */
final class MoveChecks extends Scene {
    /** A second identifier of the source of all documents here. */
    private static final Identifiable OTHER_LOCAL_ID =
            new Identifiable("T-0002", Sample.LOCAL_ID.getAssigningAuthority());
    private final Adt adt = new Adt("2.5", "UNICODE UTF-8");

    MoveChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        updates();
        refusedUpdates();
        messages();
        refusedMessages();
    }

    private void updates() {
        checks.that("ITI-57", "a document becomes another patient's", () -> {
            DocumentEntry before = registered("of the wrong person");
            Identifiable right = patient();
            Expect.success(stranger.iti57(moved(before, right).register()));
            DocumentEntry after = one(documents(right));
            Expect.equal(before.getUniqueId(), after.getUniqueId());
            Expect.equal(List.of(), documents(before.getPatientId()));
            hasStatus(DEPRECATED, before.getEntryUuid());
            retrievable(after);
        });
        checks.that("ITI-57", "a folder and its document become another patient's", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.document("in a folder");
            Folder folder = delivery.folder();
            delivery.into(folder.getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(delivery.provide()));
            Identifiable right = patient();
            Folder changed = next(folder);
            changed.setPatientId(right);
            Expect.success(stranger.iti57(
                    moved(entry, right).version(changed, "1").register()));
            GetFolderAndContentsQuery query = new GetFolderAndContentsQuery();
            query.setUuid(changed.getEntryUuid());
            var got = Expect.success(stranger.iti18(query));
            Expect.equal(right, one(got.getFolders()).getPatientId());
            Expect.equal(right, one(got.getDocumentEntries()).getPatientId());
        });
    }

    private void refusedUpdates() {
        checks.that("ITI-57", "a document without its folder stays with its patient", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.document("in a folder");
            delivery.into(delivery.folder().getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(delivery.provide()));
            Expect.failure(stranger.iti57(moved(entry, patient()).register()),
                    "XDSPatientIDReconciliationError");
            one(documents(delivery.patient));
        });
        checks.that("ITI-57", "another patient than the SubmissionSet's is refused", () -> {
            DocumentEntry before = registered("stays");
            Delivery update = moved(before, patient());
            update.set.setPatientId(before.getPatientId());
            Expect.failure(stranger.iti57Unchecked(update.register()), "XDSPatientIDReconciliationError");
        });
        checks.that("ITI-57", "a patient nobody announced gets no documents", () -> {
            DocumentEntry before = registered("stays");
            Identifiable nobody = Sample.patient(stranger.house());
            Expect.failure(stranger.iti57(moved(before, nobody).register()), "XDSUnknownPatientId");
            one(documents(before.getPatientId()));
        });
    }

    /** The next version of an entry, of another patient. */
    private Delivery moved(DocumentEntry before, Identifiable to) throws Exception {
        DocumentEntry changed = next(before);
        changed.setPatientId(to);
        return new Delivery(to).version(changed, "1");
    }

    private void messages() {
        checks.that("ITI-64", "the documents of a local identifier move to another patient", () -> {
            Delivery delivery = two();
            Identifiable right = patient();
            Message answer = stranger.iti64(adt.move(Sample.LOCAL_ID, delivery.patient, right));
            accepted(answer);
            Expect.equal("2.5", new Terser(answer).get("/MSH-12"));
            DocumentEntry moved = one(documents(right));
            Expect.equal(Sample.LOCAL_ID, moved.getSourcePatientId());
            retrievable(moved);
            Expect.equal(OTHER_LOCAL_ID, one(documents(delivery.patient)).getSourcePatientId());
        });
        checks.that("ITI-64", "a local identifier takes another in", () -> {
            Delivery delivery = two();
            Identifiable right = patient();
            accepted(stranger.iti64(
                    adt.move(Sample.LOCAL_ID, delivery.patient, right, OTHER_LOCAL_ID)));
            List<DocumentEntry> moved = documents(right);
            Expect.equal(2, moved.size());
            Expect.equal(Set.of(Sample.LOCAL_ID), moved.stream()
                    .map(DocumentEntry::getSourcePatientId).collect(Collectors.toSet()));
            Expect.equal(List.of(), documents(delivery.patient));
        });
    }

    private void refusedMessages() {
        checks.that("ITI-64", "to a patient nobody announced is refused", () -> {
            Delivery delivery = two();
            rejected(stranger.iti64(
                    adt.move(Sample.LOCAL_ID, delivery.patient, Sample.patient(stranger.house()))));
            Expect.equal(2, documents(delivery.patient).size());
        });
        checks.that("ITI-64", "from a patient nobody announced is refused", () -> rejected(stranger.iti64(
                adt.move(Sample.LOCAL_ID, Sample.patient(stranger.house()), patient()))));
    }

    /** Two documents of one patient, each with a local identifier of its own. */
    private Delivery two() throws Exception {
        Delivery delivery = new Delivery(patient());
        delivery.document("of the first identifier");
        delivery.document("of the second").setSourcePatientId(OTHER_LOCAL_ID);
        Expect.success(stranger.iti41(delivery.provide()));
        return delivery;
    }

    /** Not accepted, with a code of table 0357. */
    private static void rejected(Message answer) throws Exception {
        Terser terser = new Terser(answer);
        Expect.equal("AE", terser.get("/MSA-1"));
        Expect.equal("HL70357", terser.get("/ERR-3-3"));
    }

    private List<DocumentEntry> documents(Identifiable patient) throws Exception {
        return Expect.success(stranger.iti18(documentsOf(patient))).getDocumentEntries();
    }

    private void retrievable(DocumentEntry entry) throws Exception {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        request.addReferenceTo(entry);
        one(Expect.success(stranger.iti43(request)).getDocuments());
    }
}
