package renkei.ipf;

import org.apache.cxf.binding.soap.Soap12;
import org.apache.cxf.binding.soap.SoapFault;

/** ITI-41 whose answer comes on a connection of its own; of XDS.b IPF knows no other. */
final class AsynchronousChecks extends Scene {
    private final Replies replies;

    AsynchronousChecks(Stranger stranger, Checks checks, Replies replies) {
        super(stranger, checks);
        this.replies = replies;
    }

    @Override
    void run() {
        checks.that("ITI-41", "asynchronously: success arrives where it was asked to", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("asynchronous");
            stranger.iti41(delivery.provide(), replies.address(), "success");
            Replies.Reply reply = replies.next();
            Expect.equal("success", reply.key());
            Expect.success(reply.response());
            one(Expect.success(stranger.iti18(documentsOf(delivery.patient))).getDocumentEntries());
        });
        checks.that("ITI-41", "asynchronously: so does a refusal", () -> {
            Delivery delivery = new Delivery(Sample.patient(stranger.house()));
            delivery.document("of nobody");
            stranger.iti41(delivery.provide(), replies.address(), "refusal");
            Replies.Reply reply = replies.next();
            Expect.equal("refusal", reply.key());
            Expect.failure(reply.response(), "XDSUnknownPatientId");
        });
        checks.that("ITI-41", "asynchronously: an address that is not listed is a fault", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("elsewhere");
            SoapFault fault = Expect.fault(() ->
                    stranger.iti41(delivery.provide(), "https://localhost:9/elsewhere", "elsewhere"));
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
        });
    }
}
