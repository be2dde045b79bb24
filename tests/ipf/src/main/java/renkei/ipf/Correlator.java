package renkei.ipf;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openehealth.ipf.commons.ihe.ws.correlation.AsynchronyCorrelator;
import org.openehealth.ipf.commons.ihe.ws.cxf.audit.WsAuditDataset;
import org.openehealth.ipf.commons.ihe.xds.core.audit.XdsSubmitAuditDataset;

/** What IPF remembers of a request until its answer comes on a connection of its own. */
final class Correlator implements AsynchronyCorrelator<XdsSubmitAuditDataset> {
    private final Map<String, String> keys = new ConcurrentHashMap<>();

    @Override
    public void storeServiceEndpointUri(String messageId, String serviceEndpointUri) {}

    @Override
    public void storeCorrelationKey(String messageId, String correlationKey) {
        keys.put(messageId, correlationKey);
    }

    @Override
    public void storeAuditDataset(String messageId, WsAuditDataset auditDataset) {}

    @Override
    public String getServiceEndpointUri(String messageId) {
        return null;
    }

    @Override
    public String getCorrelationKey(String messageId) {
        return keys.get(messageId);
    }

    @Override
    public XdsSubmitAuditDataset getAuditDataset(String messageId) {
        return null;
    }

    @Override
    public void storeAlternativeKeys(String messageId, String... alternativeKeys) {}

    @Override
    public String getMessageId(String alternativeKey) {
        return null;
    }

    @Override
    public boolean delete(String messageId) {
        return keys.remove(messageId) != null;
    }
}
