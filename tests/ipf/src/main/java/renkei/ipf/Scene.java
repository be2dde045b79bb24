package renkei.ipf;

import ca.uhn.hl7v2.util.Terser;
import java.util.List;
import java.util.function.Consumer;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveMetadata;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetFoldersQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetSubmissionSetAndContentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;

/** What checks do before and after what they are about. */
abstract class Scene {
    final Stranger stranger;
    final Checks checks;

    Scene(Stranger stranger, Checks checks) {
        this.stranger = stranger;
        this.checks = checks;
    }

    abstract void run() throws Exception;

    /** A patient whom the feed has announced. */
    Identifiable patient() throws Exception {
        Identifiable patient = Sample.patient(stranger.house());
        accepted(stranger.iti8(new Adt("2.3.1", "UNICODE UTF-8").about("A04", patient)));
        return patient;
    }

    /** Has the feed announce somebody with all that it can say. */
    Somebody announced(Somebody whom) throws Exception {
        accepted(stranger.iti8(new Adt("2.3.1", "UNICODE UTF-8").about("A04", whom)));
        return whom;
    }

    /** Somebody whom the feed has announced. */
    Somebody somebody() throws Exception {
        return announced(Somebody.at(stranger.house()));
    }

    static void accepted(ca.uhn.hl7v2.model.Message answer) throws Exception {
        Terser terser = new Terser(answer);
        Expect.that("AA".equals(terser.get("/MSA-1")),
                "answered " + answer.encode().replace('\r', ' '));
    }

    /** A document of a new patient, registered. */
    DocumentEntry registered(String text) throws Exception {
        Delivery delivery = new Delivery(patient());
        DocumentEntry entry = delivery.document(text);
        Expect.success(stranger.iti41(delivery.provide()));
        return entry(entry.getEntryUuid());
    }

    /** The entry with this id as the registry has it. */
    DocumentEntry entry(String uuid) throws Exception {
        GetDocumentsQuery query = new GetDocumentsQuery();
        query.setUuids(List.of(uuid));
        return one(Expect.success(stranger.iti18(query)).getDocumentEntries());
    }

    /** The folder with this id as the registry has it. */
    Folder folder(String uuid) throws Exception {
        GetFoldersQuery query = new GetFoldersQuery();
        query.setUuids(List.of(uuid));
        return one(Expect.success(stranger.iti18(query)).getFolders());
    }

    /** The entry as its next version, not yet changed. */
    DocumentEntry next(DocumentEntry before) throws Exception {
        DocumentEntry changed = entry(before.getEntryUuid());
        changed.setLogicalUuid(before.getEntryUuid());
        changed.setEntryUuid(Sample.uuid());
        changed.setVersion(null);
        changed.setAvailabilityStatus(null);
        return changed;
    }

    /** The folder as its next version, not yet changed. */
    Folder next(Folder before) throws Exception {
        Folder changed = folder(before.getEntryUuid());
        changed.setLogicalUuid(before.getEntryUuid());
        changed.setEntryUuid(Sample.uuid());
        changed.setVersion(null);
        changed.setAvailabilityStatus(null);
        return changed;
    }

    /** Also of a version that is no longer the latest, which MetadataLevel 1 does not show. */
    void hasStatus(AvailabilityStatus status, String uuid) throws Exception {
        GetDocumentsQuery query = new GetDocumentsQuery();
        query.setUuids(List.of(uuid));
        query.setMetadataLevel(2);
        var found = Expect.success(stranger.iti18(query)).getDocumentEntries();
        Expect.equal(status, one(found).getAvailabilityStatus());
    }

    /** Every object of a submission. */
    RemoveMetadata everythingOf(Delivery delivery) throws Exception {
        QueryResponse found = contents(delivery);
        RemoveMetadata removal = new RemoveMetadata();
        Consumer<String> removes = uuid -> removal.getReferences().add(new ObjectReference(uuid));
        found.getSubmissionSets().forEach(o -> removes.accept(o.getEntryUuid()));
        found.getDocumentEntries().forEach(o -> removes.accept(o.getEntryUuid()));
        found.getFolders().forEach(o -> removes.accept(o.getEntryUuid()));
        found.getAssociations().forEach(o -> removes.accept(o.getEntryUuid()));
        return removal;
    }

    QueryResponse contents(Delivery delivery) throws Exception {
        GetSubmissionSetAndContentsQuery query = new GetSubmissionSetAndContentsQuery();
        query.setUuid(delivery.set.getEntryUuid());
        return Expect.success(stranger.iti18(query));
    }

    static FindDocumentsQuery documentsOf(Identifiable patient) {
        FindDocumentsQuery query = new FindDocumentsQuery();
        query.setPatientId(patient);
        query.setStatus(List.of(AvailabilityStatus.APPROVED));
        return query;
    }

    static <T> T one(List<T> list) {
        Expect.equal(1, list.size());
        return list.get(0);
    }
}
