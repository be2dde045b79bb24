package renkei.ipf;

import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveDocuments;

/** ITI-86: what cannot be removed. */
final class RemoveChecks extends Scene {
    RemoveChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        documents();
    }

    private void documents() {
        checks.that("ITI-86", "an unknown document is refused", () ->
                Expect.failure(stranger.iti86(removal(new DocumentReference(
                        stranger.house().repositoryUniqueId(), Sample.oid(), null))),
                        "XDSDocumentUniqueIdError"));
        checks.that("ITI-86", "another repository's document is refused", () ->
                Expect.failure(stranger.iti86(removal(new DocumentReference(
                        Sample.ROOT + ".90.3", Sample.oid(), null))), "XDSUnknownRepositoryId"));
    }

    private static RemoveDocuments removal(DocumentReference document) {
        RemoveDocuments removal = new RemoveDocuments();
        removal.getDocuments().add(document);
        return removal;
    }
}
