package renkei.ipf;

import java.util.List;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveDocuments;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveMetadata;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** ITI-62 and ITI-86: metadata go first, then documents. */
final class RemoveChecks extends Scene {
    RemoveChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        metadata();
        documents();
    }

    private void metadata() {
        checks.that("ITI-62", "a whole submission with its folder", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.document("goes");
            delivery.into(delivery.folder().getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(delivery.provide()));
            Expect.success(stranger.iti62(everythingOf(delivery)));
            Expect.equal(0, Expect.success(stranger.iti18(documentsOf(delivery.patient)))
                    .getDocumentEntries().size());
            GetDocumentsQuery query = new GetDocumentsQuery();
            query.setUniqueIds(List.of(entry.getUniqueId()));
            Expect.equal(0, Expect.success(stranger.iti18(query)).getDocumentEntries().size());
        });
        checks.that("ITI-62", "an unknown id is refused", () ->
                Expect.failure(stranger.iti62(removal(Sample.uuid())), "UnresolvedReferenceException"));
        checks.that("ITI-62", "an entry without its associations is refused", () ->
                Expect.failure(stranger.iti62(removal(registered("stays").getEntryUuid())),
                        "ReferencesExistException"));
        checks.that("ITI-62", "associations without their entry are refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("stays");
            Expect.success(stranger.iti41(delivery.provide()));
            RemoveMetadata removal = new RemoveMetadata();
            contents(delivery).getAssociations().forEach(a ->
                    removal.getReferences().add(new ObjectReference(a.getEntryUuid())));
            Expect.failure(stranger.iti62(removal), "XDSUnreferencedObjectException");
        });
    }

    private void documents() {
        checks.that("ITI-86", "a document whose metadata are gone", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("goes for good");
            Expect.success(stranger.iti41(delivery.provide()));
            DocumentEntry entry = one(contents(delivery).getDocumentEntries());
            Expect.success(stranger.iti62(everythingOf(delivery)));
            RemoveDocuments removal = new RemoveDocuments();
            removal.addReferenceTo(entry);
            Expect.success(stranger.iti86(removal));
            RetrieveDocumentSet request = new RetrieveDocumentSet();
            request.addReferenceTo(entry);
            Expect.failure(stranger.iti43(request), "XDSDocumentUniqueIdError");
        });
        checks.that("ITI-86", "an unknown document is refused", () ->
                Expect.failure(stranger.iti86(removal(new DocumentReference(
                        stranger.house().repositoryUniqueId(), Sample.oid(), null))),
                        "XDSDocumentUniqueIdError"));
        checks.that("ITI-86", "another repository's document is refused", () ->
                Expect.failure(stranger.iti86(removal(new DocumentReference(
                        Sample.ROOT + ".90.3", Sample.oid(), null))), "XDSUnknownRepositoryId"));
        checks.that("ITI-86", "of two documents the known one goes", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("goes");
            Expect.success(stranger.iti41(delivery.provide()));
            DocumentEntry entry = one(contents(delivery).getDocumentEntries());
            Expect.success(stranger.iti62(everythingOf(delivery)));
            RemoveDocuments removal = removal(new DocumentReference(
                    entry.getRepositoryUniqueId(), Sample.oid(), null));
            removal.addReferenceTo(entry);
            var response = Expect.tells(stranger.iti86(removal), "XDSDocumentUniqueIdError");
            Expect.equal(Status.PARTIAL_SUCCESS, response.getStatus());
        });
    }

    private static RemoveDocuments removal(DocumentReference document) {
        RemoveDocuments removal = new RemoveDocuments();
        removal.getDocuments().add(document);
        return removal;
    }

    private static RemoveMetadata removal(String uuid) {
        RemoveMetadata removal = new RemoveMetadata();
        removal.getReferences().add(new ObjectReference(uuid));
        return removal;
    }
}
