package renkei.ipf;

import org.apache.cxf.binding.soap.Soap12;
import org.apache.cxf.binding.soap.SoapFault;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import renkei.ipf.House.Role;

/** Who may not call is told so, by a fault that CXF reads. */
final class RoleChecks extends Scene {
    RoleChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        refused("ITI-41", "a consumer provides nothing", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("from a consumer");
            stranger.as(Role.CONSUMER, "xds-iti41", "repository", delivery.provide(), Response.class);
        });
        refused("ITI-42", "a source registers nothing", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(Sample.entry(delivery.patient));
            stranger.as(Role.SOURCE, "xds-iti42", "registry", delivery.register(), Response.class);
        });
        refused("ITI-43", "the feed retrieves nothing", () -> {
            RetrieveDocumentSet request = new RetrieveDocumentSet();
            DocumentEntry entry = registered("not for the feed");
            request.addReferenceTo(entry);
            stranger.as(Role.FEED, "xds-iti43", "repository", request, RetrievedDocumentSet.class);
        });
        refused("ITI-57", "a consumer updates nothing", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(Sample.entry(delivery.patient));
            stranger.as(Role.CONSUMER, "xds-iti57", "registry", delivery.register(), Response.class);
        });
    }

    private void refused(String transaction, String says, Checks.Body body) {
        checks.that(transaction, says, () -> {
            SoapFault fault = Expect.fault(body);
            Expect.equal(Soap12.getInstance().getSender(), fault.getFaultCode());
            Expect.that(!fault.getReason().isBlank(), "a fault without a reason");
        });
    }
}
