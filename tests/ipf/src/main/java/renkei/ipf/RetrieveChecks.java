package renkei.ipf;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** ITI-43: what was provided comes back, octet by octet. */
final class RetrieveChecks extends Scene {
    private static final long MIB = 1024 * 1024;

    RetrieveChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        checks.that("ITI-43", "a document as it was provided", () -> {
            String text = "氏名,結果\r\n試験太郎,異常なし\r\n";
            DocumentEntry entry = registered(text);
            RetrievedDocument got = one(Expect.success(retrieve(entry)).getDocuments());
            byte[] octets = got.getDataHandler().getInputStream().readAllBytes();
            Expect.equal(text, new String(octets, StandardCharsets.UTF_8));
            Expect.equal("text/csv", got.getMimeType());
            Expect.equal(entry.getUniqueId(), got.getRequestData().getDocumentUniqueId());
            Expect.equal((long) octets.length, entry.getSize());
        });
        checks.that("ITI-43", "three documents in one answer", () -> {
            List<DocumentEntry> entries =
                    List.of(registered("one"), registered("two"), registered("three"));
            RetrievedDocumentSet got = Expect.success(retrieve(entries.toArray(DocumentEntry[]::new)));
            Expect.equal(entries.stream().map(DocumentEntry::getUniqueId).collect(Collectors.toSet()),
                    got.getDocuments().stream().map(d -> d.getRequestData().getDocumentUniqueId())
                            .collect(Collectors.toSet()));
        });
        checks.that("ITI-43", "an unknown uniqueId is refused", () -> {
            DocumentEntry unknown = new DocumentEntry();
            unknown.setRepositoryUniqueId(stranger.house().repositoryUniqueId());
            unknown.setUniqueId(Sample.oid());
            Expect.failure(retrieve(unknown), "XDSDocumentUniqueIdError");
        });
        checks.that("ITI-43", "of two documents the known one is answered", () -> {
            RetrieveDocumentSet request = new RetrieveDocumentSet();
            request.addReferenceTo(registered("known"));
            request.getDocuments().add(new DocumentReference(
                    stranger.house().repositoryUniqueId(), Sample.oid(), null));
            RetrievedDocumentSet got = stranger.iti43(request);
            Expect.equal(Status.PARTIAL_SUCCESS, got.getStatus());
            one(Expect.tells(got, "XDSDocumentUniqueIdError").getDocuments());
        });
        checks.that("ITI-43", "another repository's document is refused", () -> {
            DocumentEntry other = new DocumentEntry();
            other.setRepositoryUniqueId(Sample.ROOT + ".90.2");
            other.setUniqueId(Sample.oid());
            Expect.failure(retrieve(other), "XDSUnknownRepositoryId");
        });
        checks.that("ITI-41", "a document of 200 MiB by MTOM, and back by ITI-43", () -> there(200));
    }

    private void there(long mebibytes) throws Exception {
        String digest = Contents.digest(Contents.large(mebibytes * MIB).getInputStream());
        Delivery delivery = new Delivery(patient());
        DocumentEntry sent = delivery.document(Contents.large(mebibytes * MIB));
        sent.setMimeType("application/zip");
        Expect.success(stranger.iti41(delivery.provide()));
        DocumentEntry entry = entry(sent.getEntryUuid());
        Expect.equal(digest, entry.getHash() + " of " + entry.getSize());
        RetrievedDocument got = one(Expect.success(retrieve(entry)).getDocuments());
        Expect.equal(digest, Contents.digest(got.getDataHandler().getInputStream()));
    }

    private RetrievedDocumentSet retrieve(DocumentEntry... entries) throws Exception {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        for (DocumentEntry entry : entries) {
            request.addReferenceTo(entry);
        }
        return stranger.iti43(request);
    }
}
