package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.APPROVED;
import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntryType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Timestamp;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsForMultiplePatientsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryList;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;

/** ITI-61: another On-Demand Document Source registers its entries; ITI-43: the house's makes a document. */
final class OnDemandChecks extends Scene {
    /** The repositoryUniqueId of that source. */
    private static final String SOURCE = Sample.ROOT + ".90.4";

    OnDemandChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        made();
        entries();
    }

    private void entries() {
        checks.that("ITI-61", "an On-Demand entry is found by its type alone", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.entry(onDemand(delivery.patient));
            Expect.success(stranger.iti61(delivery.register()));
            Expect.equal(0, Expect.success(stranger.iti18(documentsOf(delivery.patient)))
                    .getDocumentEntries().size());
            DocumentEntry got = one(onDemandOf(delivery.patient));
            Expect.equal(entry.getUniqueId(), got.getUniqueId());
            Expect.equal(DocumentEntryType.ON_DEMAND, got.getType());
            Expect.equal(SOURCE, got.getRepositoryUniqueId());
        });
        checks.that("ITI-61", "an On-Demand entry replaces another", () -> {
            Delivery first = new Delivery(patient());
            DocumentEntry earlier = first.entry(onDemand(first.patient));
            Expect.success(stranger.iti61(first.register()));
            Delivery second = new Delivery(first.patient);
            DocumentEntry later = second.entry(onDemand(first.patient));
            second.associate(AssociationType.REPLACE, later.getEntryUuid(), earlier.getEntryUuid());
            Expect.success(stranger.iti61(second.register()));
            hasStatus(DEPRECATED, earlier.getEntryUuid());
            Expect.equal(later.getEntryUuid(), one(onDemandOf(first.patient)).getEntryUuid());
        });
        checks.that("ITI-61", "an On-Demand entry with a hash is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(onDemand(delivery.patient))
                    .setHash("da39a3ee5e6b4b0d3255bfef95601890afd80709");
            Expect.failure(stranger.iti61Unchecked(delivery.register()), "XDSRegistryMetadataError");
        });
        checks.that("ITI-61", "a stable entry is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(onDemand(delivery.patient)).setType(DocumentEntryType.STABLE);
            Expect.failure(stranger.iti61Unchecked(delivery.register()), "XDSRegistryMetadataError");
        });
    }

    /** The house has a checkup of somebody before anything is checked, and the entry of the years with it. */
    private void made() {
        checks.that("ITI-43", "an On-Demand document is made when it is asked for", () -> {
            DocumentEntry entry = years();
            Expect.equal(null, entry.getHash());
            RetrievedDocument first = retrieved(entry);
            Expect.equal(entry.getUniqueId(), first.getRequestData().getDocumentUniqueId());
            Expect.equal(entry.getMimeType(), first.getMimeType());
            Expect.that(first.getNewDocumentUniqueId() != null, "no NewDocumentUniqueId");
            JsonNode bundle = new ObjectMapper().readTree(Contents.text(first));
            Expect.equal("Bundle document", bundle.path("resourceType").asText() + " "
                    + bundle.path("type").asText());
            RetrievedDocument second = retrieved(entry);
            Expect.equal(first.getNewDocumentUniqueId(), second.getNewDocumentUniqueId());
            Expect.equal(Contents.text(first), Contents.text(second));
        });
        checks.that("ITI-43", "another source's On-Demand document is refused", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.entry(onDemand(delivery.patient));
            Expect.success(stranger.iti61(delivery.register()));
            Expect.failure(stranger.iti43(request(entry)), "XDSUnknownRepositoryId");
        });
    }

    private DocumentEntry years() throws Exception {
        var query = new FindDocumentsForMultiplePatientsQuery();
        query.setStatus(List.of(APPROVED));
        query.setClassCodes(List.of(Sample.CHECKUP));
        query.setDocumentEntryTypes(List.of(DocumentEntryType.ON_DEMAND));
        query.setFormatCodes(List.of(Sample.YEARS));
        query.setConfidentialityCodes(new QueryList<>(Sample.FULL));
        return one(Expect.success(stranger.iti51(query)).getDocumentEntries());
    }

    private RetrievedDocument retrieved(DocumentEntry entry) throws Exception {
        return one(Expect.success(stranger.iti43(request(entry))).getDocuments());
    }

    private static RetrieveDocumentSet request(DocumentEntry entry) {
        RetrieveDocumentSet request = new RetrieveDocumentSet();
        request.addReferenceTo(entry);
        return request;
    }

    private List<DocumentEntry> onDemandOf(Identifiable patient) throws Exception {
        FindDocumentsQuery query = documentsOf(patient);
        query.setDocumentEntryTypes(List.of(DocumentEntryType.ON_DEMAND));
        return Expect.success(stranger.iti18(query)).getDocumentEntries();
    }

    /** An entry without what only a document has (ITI TF-3: Table 4.3.1-3). */
    static DocumentEntry onDemand(Identifiable patient) {
        DocumentEntry entry = Sample.entry(patient);
        entry.setType(DocumentEntryType.ON_DEMAND);
        entry.setRepositoryUniqueId(SOURCE);
        entry.setCreationTime((Timestamp) null);
        entry.setLegalAuthenticator(null);
        return entry;
    }
}
