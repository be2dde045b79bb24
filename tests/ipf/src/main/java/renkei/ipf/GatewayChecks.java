package renkei.ipf;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.cxf.binding.soap.Soap12;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.XDSMetaClass;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetSubmissionSetAndContentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;
import renkei.ipf.House.Role;

/** ITI-38, ITI-39 and ITI-92: IPF as the gateway of another community asks the house's. */
final class GatewayChecks extends Scene {
    /** A community that nobody knows. */
    private static final String ELSEWHERE = "urn:oid:1.2.392.200119.9.56";
    private final Replies replies;
    private final String home;

    GatewayChecks(Stranger stranger, Checks checks, Replies replies) {
        super(stranger, checks);
        this.replies = replies;
        home = stranger.house().homeCommunityId();
    }

    @Override
    void run() {
        queries();
        refusedQueries();
        retrievals();
        refusedRetrievals();
        asynchronously();
    }

    private void queries() {
        checks.that("ITI-38", "documents of a patient, each of this community", () -> {
            DocumentEntry entry = registered("across");
            QueryResponse found = Expect.success(stranger.iti38(documentsOf(entry.getPatientId())));
            DocumentEntry got = one(found.getDocumentEntries());
            Expect.equal(home, got.getHomeCommunityId());
            Expect.equal(entry.getUniqueId(), got.getUniqueId());
            Expect.equal(entry.getHash() + entry.getSize(), got.getHash() + got.getSize());
        });
        checks.that("ITI-38", "references, each of this community", () -> {
            DocumentEntry entry = registered("by reference");
            QueryResponse found = Expect.success(
                    stranger.iti38(documentsOf(entry.getPatientId()), QueryReturnType.OBJECT_REF));
            ObjectReference got = one(found.getReferences());
            Expect.equal(entry.getEntryUuid() + home, got.getId() + got.getHome());
        });
        checks.that("ITI-38", "a submission with a folder by its id", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.document("in a folder");
            Folder folder = delivery.folder();
            delivery.into(folder.getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(delivery.provide()));
            var query = new GetSubmissionSetAndContentsQuery();
            query.setUuid(delivery.set.getEntryUuid());
            query.setHomeCommunityId(home);
            QueryResponse found = Expect.success(stranger.iti38(query));
            Expect.equal("1 1 1", Stream.<Function<QueryResponse, List<?>>>of(
                            QueryResponse::getSubmissionSets, QueryResponse::getDocumentEntries,
                            QueryResponse::getFolders)
                    .map(of -> String.valueOf(of.apply(found).size()))
                    .collect(Collectors.joining(" ")));
            Stream.<List<? extends XDSMetaClass>>of(found.getSubmissionSets(), found.getDocumentEntries(),
                            found.getFolders())
                    .flatMap(List::stream)
                    .forEach(object -> Expect.equal(home, object.getHomeCommunityId()));
        });
        checks.that("ITI-38", "of a patient nobody announced there is nothing", () -> {
            QueryResponse found =
                    Expect.success(stranger.iti38(documentsOf(Sample.patient(stranger.house()))));
            Expect.equal(0, found.getDocumentEntries().size());
        });
        checks.that("ITI-92", "an entry's title, by the gateway of another community", () -> {
            DocumentEntry before = registered("before");
            DocumentEntry changed = next(before);
            changed.setTitle(Sample.japanese("他の地域からの更新"));
            changed.setHomeCommunityId(home);
            Delivery update = new Delivery(before.getPatientId());
            update.set.setHomeCommunityId(home);
            Expect.success(stranger.iti92Across(update.version(changed, "1").register()));
            QueryResponse found = Expect.success(stranger.iti38(documentsOf(before.getPatientId())));
            Expect.equal(changed.getTitle(), one(found.getDocumentEntries()).getTitle());
        });
    }

    private static GetDocumentsQuery byId(DocumentEntry entry, String home) {
        GetDocumentsQuery query = new GetDocumentsQuery();
        query.setUuids(List.of(entry.getEntryUuid()));
        query.setHomeCommunityId(home);
        return query;
    }

    private void refusedQueries() {
        checks.that("ITI-38", "by an id of no community is refused", () -> located(Expect.failure(
                stranger.iti38Unchecked(byId(registered("homeless"), null)), "XDSMissingHomeCommunityId")));
        checks.that("ITI-38", "by an id of another community is refused", () -> located(Expect.failure(
                stranger.iti38(byId(registered("elsewhere"), ELSEWHERE)), "XDSUnknownCommunity")));
        checks.that("ITI-38", "a consumer is no gateway", () -> {
            var fault = Expect.fault(() -> stranger.as(Role.CONSUMER, "xca-iti38", "responding_gateway",
                    Stranger.asked(documentsOf(patient()), QueryReturnType.LEAF_CLASS), QueryResponse.class));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    /** Each error says that it is of this community (ITI TF-2: 3.38.4.1.3). */
    private void located(Response response) {
        for (ErrorInfo error : response.getErrors()) {
            Expect.equal(home, error.getLocation());
        }
    }

    private RetrieveDocumentSet wanted(String home, DocumentEntry... entries) {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        for (DocumentEntry entry : entries) {
            request.getDocuments().add(new DocumentReference(
                    entry.getRepositoryUniqueId(), entry.getUniqueId(), home));
        }
        return request;
    }

    private void retrievals() {
        checks.that("ITI-39", "two documents, each of this community", () -> {
            DocumentEntry one = registered("one");
            DocumentEntry two = registered("two");
            RetrievedDocumentSet got = Expect.success(stranger.iti39(wanted(home, one, two)));
            Expect.equal(2, got.getDocuments().size());
            for (var document : got.getDocuments()) {
                Expect.equal(home, document.getRequestData().getHomeCommunityId());
                boolean first = document.getRequestData().getDocumentUniqueId().equals(one.getUniqueId());
                Expect.equal(first ? "one" : "two", Contents.text(document));
            }
        });
        checks.that("ITI-39", "a document of 20 MiB", () -> {
            long size = 20 * 1024 * 1024;
            Delivery delivery = new Delivery(patient());
            DocumentEntry sent = delivery.document(Contents.large(size));
            sent.setMimeType("application/zip");
            Expect.success(stranger.iti41(delivery.provide()));
            DocumentEntry entry = entry(sent.getEntryUuid());
            var got = one(Expect.success(stranger.iti39(wanted(home, entry))).getDocuments());
            Expect.equal(Contents.digest(Contents.large(size).getInputStream()),
                    Contents.digest(got.getDataHandler().getInputStream()));
        });
    }

    private void refusedRetrievals() {
        checks.that("ITI-39", "of no community is refused", () -> located(Expect.failure(
                stranger.iti39Unchecked(wanted(null, registered("homeless"))),
                "XDSMissingHomeCommunityId")));
        checks.that("ITI-39", "of another community is refused", () -> located(Expect.failure(
                stranger.iti39(wanted(ELSEWHERE, registered("elsewhere"))), "XDSUnknownCommunity")));
        checks.that("ITI-39", "of two documents the known one is answered", () -> {
            RetrieveDocumentSet request = wanted(home, registered("known"));
            request.getDocuments().add(new DocumentReference(
                    stranger.house().repositoryUniqueId(), Sample.oid(), home));
            RetrievedDocumentSet got = stranger.iti39(request);
            Expect.equal(Status.PARTIAL_SUCCESS, got.getStatus());
            located(Expect.tells(got, "XDSDocumentUniqueIdError"));
            Expect.equal("known", Contents.text(one(got.getDocuments())));
        });
        checks.that("ITI-39", "another repository's document is refused", () -> {
            DocumentEntry entry = registered("here");
            entry.setRepositoryUniqueId(Sample.ROOT + ".90.2");
            located(Expect.failure(stranger.iti39(wanted(home, entry)), "XDSUnknownRepositoryId"));
        });
    }

    /** IPF has receivers of its own for these answers. */
    private void asynchronously() {
        checks.that("ITI-38", "asynchronously: what was found arrives where it was asked to", () -> {
            DocumentEntry entry = registered("asynchronous");
            stranger.iti38(documentsOf(entry.getPatientId()), replies.across("iti38"), "found");
            Replies.Reply reply = replies.next();
            Expect.equal("found", reply.key());
            QueryResponse found = Expect.success((QueryResponse) reply.body());
            Expect.equal(home, one(found.getDocumentEntries()).getHomeCommunityId());
        });
        checks.that("ITI-39", "asynchronously: a document arrives where it was asked to", () -> {
            stranger.iti39(wanted(home, registered("asynchronous")), replies.across("iti39"), "sent");
            Replies.Reply reply = replies.next();
            Expect.equal("sent", reply.key());
            var got = one(Expect.success((RetrievedDocumentSet) reply.body()).getDocuments());
            Expect.equal("asynchronous", Contents.text(got));
        });
    }
}
