package renkei.ipf;

import java.util.Map;
import org.apache.camel.Endpoint;
import org.openehealth.ipf.commons.ihe.ws.JaxWsClientFactory;
import org.openehealth.ipf.commons.ihe.ws.WsTransactionConfiguration;
import org.openehealth.ipf.commons.ihe.xds.XdsIntegrationProfile;
import org.openehealth.ipf.commons.ihe.xds.XdsInteractionId;
import org.openehealth.ipf.commons.ihe.xds.core.audit.XdsAuditDataset;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsEndpoint;
import org.openehealth.ipf.platform.camel.ihe.ws.AbstractWsProducer;
import org.openehealth.ipf.platform.camel.ihe.ws.SimpleWsProducer;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsComponent;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsEndpoint;

/**
 * A transaction of IPF whose answer may come on a connection of its own (ITI TF-2: V.3.6). IPF itself
 * lets ITI-41 alone of these ask for that: its other components ignore an address for the answer.
 */
final class AsynchronousComponent<A extends XdsAuditDataset, Q, R> extends XdsComponent<A> {
    private final Class<Q> question;
    private final Class<R> answer;

    /** The classes of ebXML are those of IPF's own component. */
    AsynchronousComponent(XdsInteractionId<?> transaction, Class<Q> question, Class<R> answer) {
        super(new Id<>(transaction));
        this.question = question;
        this.answer = answer;
    }

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters) {
        return new XdsEndpoint<A>(uri, remaining, this, parameters, null) {
            @Override
            public AbstractWsProducer<A, WsTransactionConfiguration<A>, ?, ?> getProducer(
                    AbstractWsEndpoint<A, WsTransactionConfiguration<A>> endpoint,
                    JaxWsClientFactory<A> clients) {
                return new SimpleWsProducer<>(endpoint, clients, question, answer);
            }
        };
    }

    /** IPF's transaction, asynchrony allowed. */
    private record Id<A extends XdsAuditDataset>(XdsInteractionId<?> of)
            implements XdsInteractionId<WsTransactionConfiguration<A>> {
        @Override
        public XdsIntegrationProfile getInteractionProfile() {
            return of.getInteractionProfile();
        }

        @Override
        public WsTransactionConfiguration<A> getWsTransactionConfiguration() {
            var own = of.getWsTransactionConfiguration();
            return new WsTransactionConfiguration<>(own.getName(), own.getDescription(), own.isQuery(),
                    null, null, own.getServiceName(), own.getSei(), own.getBindingName(), own.isMtom(),
                    own.getWsdlLocation(), own.isAddressing(), own.isSwaOutSupport(),
                    own.isAuditRequestPayload(), true);
        }
    }
}
