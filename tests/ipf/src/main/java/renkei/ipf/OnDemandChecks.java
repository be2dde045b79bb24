package renkei.ipf;

import static org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus.DEPRECATED;

import java.util.List;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntryType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Timestamp;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;

/** ITI-61: another On-Demand Document Source registers its entries. */
final class OnDemandChecks extends Scene {
    /** The repositoryUniqueId of that source. */
    private static final String SOURCE = Sample.ROOT + ".90.4";

    OnDemandChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
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

    private List<DocumentEntry> onDemandOf(Identifiable patient) throws Exception {
        FindDocumentsQuery query = documentsOf(patient);
        query.setDocumentEntryTypes(List.of(DocumentEntryType.ON_DEMAND));
        return Expect.success(stranger.iti18(query)).getDocumentEntries();
    }

    /** An entry without what only a document has (ITI TF-3: Table 4.3.1-3). */
    private static DocumentEntry onDemand(Identifiable patient) {
        DocumentEntry entry = Sample.entry(patient);
        entry.setType(DocumentEntryType.ON_DEMAND);
        entry.setRepositoryUniqueId(SOURCE);
        entry.setCreationTime((Timestamp) null);
        entry.setLegalAuthenticator(null);
        return entry;
    }
}
