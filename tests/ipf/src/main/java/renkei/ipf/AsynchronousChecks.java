package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.List;
import org.apache.cxf.binding.soap.Soap12;
import org.apache.cxf.binding.soap.SoapFault;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveDocuments;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RemoveMetadata;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsForMultiplePatientsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;

/** Answers that come on a connection of their own: of ITI-41 as IPF knows it, of all others to CXF. */
final class AsynchronousChecks extends Scene {
    private final Replies replies;

    AsynchronousChecks(Stranger stranger, Checks checks, Replies replies) {
        super(stranger, checks);
        this.replies = replies;
    }

    @Override
    void run() {
        submissions();
        registrations();
        reads();
        changes();
        removals();
    }

    private void submissions() {
        checks.that("ITI-41", "asynchronously: success arrives where it was asked to", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("asynchronous");
            stranger.iti41(delivery.provide(), replies.address(), "success");
            Replies.Reply reply = replies.next();
            Expect.equal("success", reply.key());
            Expect.success((Response) reply.body());
            one(Expect.success(stranger.iti18(documentsOf(delivery.patient))).getDocumentEntries());
        });
        checks.that("ITI-41", "asynchronously: so does a refusal", () -> {
            Delivery delivery = new Delivery(Sample.patient(stranger.house()));
            delivery.document("of nobody");
            stranger.iti41(delivery.provide(), replies.address(), "refusal");
            Replies.Reply reply = replies.next();
            Expect.equal("refusal", reply.key());
            Expect.failure((Response) reply.body(), "XDSUnknownPatientId");
        });
        checks.that("ITI-41", "asynchronously: an address that is not listed is a fault", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("elsewhere");
            SoapFault fault = Expect.fault(() ->
                    stranger.iti41(delivery.provide(), "https://localhost:9/elsewhere", "elsewhere"));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }

    private void registrations() {
        arrives(Asynchronous.ITI_42, "success", () -> {
            Delivery delivery = SubmissionChecks.elsewhere(patient());
            Expect.success(told(Asynchronous.ITI_42, delivery.register()));
            one(Expect.success(stranger.iti18(documentsOf(delivery.patient))).getDocumentEntries());
        });
        arrives(Asynchronous.ITI_42, "a refusal", () -> Expect.failure(
                told(Asynchronous.ITI_42,
                        SubmissionChecks.elsewhere(Sample.patient(stranger.house())).register()),
                "XDSUnknownPatientId"));
        arrives(Asynchronous.ITI_61, "success", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(OnDemandChecks.onDemand(delivery.patient));
            Expect.success(told(Asynchronous.ITI_61, delivery.register()));
        });
    }

    private void reads() {
        arrives(Asynchronous.ITI_18, "what was found", () -> {
            DocumentEntry entry = registered("asked for");
            var query = documentsOf(entry.getPatientId());
            QueryResponse got = stranger.asynchronously(Asynchronous.ITI_18,
                    Stranger.asked(query, QueryReturnType.LEAF_CLASS), QueryResponse.class);
            Expect.equal(entry, one(Expect.success(got).getDocumentEntries()));
        });
        arrives(Asynchronous.ITI_51, "what was found", () -> {
            DocumentEntry entry = registered("asked for");
            var query = new FindDocumentsForMultiplePatientsQuery();
            query.setPatientIds(List.of(entry.getPatientId()));
            query.setStatus(List.of(APPROVED));
            QueryResponse got = stranger.asynchronously(Asynchronous.ITI_51,
                    Stranger.asked(query, QueryReturnType.LEAF_CLASS), QueryResponse.class);
            Expect.equal(entry, one(Expect.success(got).getDocumentEntries()));
        });
        arrives(Asynchronous.ITI_43, "a document", () -> {
            RetrieveDocumentSet request = new RetrieveDocumentSet();
            request.addReferenceTo(registered("氏名,結果"));
            RetrievedDocumentSet got = stranger.asynchronously(
                    Asynchronous.ITI_43, request, RetrievedDocumentSet.class);
            Expect.equal("氏名,結果", Contents.text(one(Expect.success(got).getDocuments())));
        });
    }

    private void changes() {
        arrives(Asynchronous.ITI_57, "success", () -> {
            DocumentEntry before = registered("before");
            Delivery update = new Delivery(before.getPatientId()).version(next(before), "1");
            Expect.success(told(Asynchronous.ITI_57, update.register()));
            hasStatus(DEPRECATED, before.getEntryUuid());
        });
        arrives(Asynchronous.ITI_57, "a refusal", () -> {
            DocumentEntry before = registered("stays");
            Delivery update = new Delivery(before.getPatientId()).version(next(before), "7");
            Expect.failure(told(Asynchronous.ITI_57, update.register()), "XDSMetadataVersionError");
            hasStatus(APPROVED, before.getEntryUuid());
        });
        arrives(Asynchronous.ITI_92, "success", () -> {
            DocumentEntry before = registered("before");
            Delivery update = new Delivery(before.getPatientId()).version(next(before), "1");
            String home = stranger.house().homeCommunityId();
            update.set.setHomeCommunityId(home);
            var request = update.register();
            request.getDocumentEntries().forEach(entry -> entry.setHomeCommunityId(home));
            Expect.success(told(Asynchronous.ITI_92, request));
            hasStatus(DEPRECATED, before.getEntryUuid());
        });
    }

    private void removals() {
        arrives(Asynchronous.ITI_62, "a refusal", () -> {
            RemoveMetadata removal = new RemoveMetadata();
            removal.getReferences().add(new ObjectReference(registered("stays").getEntryUuid()));
            Expect.failure(told(Asynchronous.ITI_62, removal), "ReferencesExistException");
        });
        arrives(Asynchronous.ITI_62, "success", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("goes");
            Expect.success(stranger.iti41(delivery.provide()));
            Expect.success(told(Asynchronous.ITI_62, everythingOf(delivery)));
        });
        arrives(Asynchronous.ITI_86, "success", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = entry(delivery);
            Expect.success(stranger.iti62(everythingOf(delivery)));
            RemoveDocuments removal = new RemoveDocuments();
            removal.addReferenceTo(entry);
            Expect.success(told(Asynchronous.ITI_86, removal));
        });
    }

    private DocumentEntry entry(Delivery delivery) throws Exception {
        DocumentEntry sent = delivery.document("goes for good");
        Expect.success(stranger.iti41(delivery.provide()));
        return entry(sent.getEntryUuid());
    }

    private Response told(Asynchronous transaction, Object body) throws Exception {
        return stranger.asynchronously(transaction, body, Response.class);
    }

    private void arrives(Asynchronous transaction, String what, Checks.Body body) {
        checks.that(transaction.number(), "asynchronously: " + what + " arrives where it was asked to", body);
    }
}
