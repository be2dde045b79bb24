package renkei.ipf;

import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationLabel;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import renkei.ipf.House.Role;

/** ITI-41 and ITI-42: what a Document Source and another repository send. */
final class SubmissionChecks extends Scene {
    SubmissionChecks(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        whole();
        relations();
        folders();
        refused();
        otherRepositories();
    }

    private void whole() {
        checks.that("ITI-41", "metadata in Japanese come back as they were sent", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry sent = delivery.document("氏名,結果\r\n試験太郎,異常なし\r\n");
            sent.getReferenceIdList().add(Sample.accession("A-2025-1"));
            Expect.success(stranger.iti41(delivery.provide()));
            DocumentEntry got = entry(sent.getEntryUuid());
            Expect.equal(sent.getTitle(), got.getTitle());
            Expect.equal(sent.getComments(), got.getComments());
            Expect.equal(sent.getAuthors(), got.getAuthors());
            Expect.equal(sent.getLegalAuthenticator(), got.getLegalAuthenticator());
            Expect.equal(sent.getSourcePatientInfo(), got.getSourcePatientInfo());
            Expect.equal(sent.getEventCodeList(), got.getEventCodeList());
            Expect.equal(sent.getReferenceIdList(), got.getReferenceIdList());
            Expect.equal(stranger.house().repositoryUniqueId(), got.getRepositoryUniqueId());
        });
        checks.that("ITI-41", "three documents in one submission", () -> {
            Delivery delivery = new Delivery(patient());
            for (int n = 0; n < 3; n++) {
                delivery.document("document " + n);
            }
            Expect.success(stranger.iti41(delivery.provide()));
            var found = Expect.success(stranger.iti18(documentsOf(delivery.patient)));
            Expect.equal(3, found.getDocumentEntries().size());
        });
        checks.that("ITI-41", "symbolic ids become UUIDs", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.set.setEntryUuid("submission01");
            DocumentEntry entry = Sample.entry(delivery.patient);
            entry.setEntryUuid("document01");
            delivery.entry(entry);
            var request = delivery.provide();
            request.getDocuments().get(0).setDataHandler(Contents.text("symbolic"));
            Expect.success(stranger.iti41(request));
            var found = Expect.success(stranger.iti18(documentsOf(delivery.patient)));
            String uuid = one(found.getDocumentEntries()).getEntryUuid();
            Expect.that(uuid.startsWith("urn:uuid:"), uuid);
        });
    }

    private void relations() {
        for (AssociationType type : new AssociationType[] {AssociationType.REPLACE,
            AssociationType.TRANSFORM_AND_REPLACE, AssociationType.APPEND, AssociationType.TRANSFORM,
            AssociationType.SIGNS}) {
            checks.that("ITI-41", type + " of a registered document", () -> {
                DocumentEntry earlier = registered("earlier");
                DocumentEntry later = related(type, earlier);
                hasStatus(AvailabilityStatus.APPROVED, later.getEntryUuid());
                hasStatus(type.isReplace() ? AvailabilityStatus.DEPRECATED : AvailabilityStatus.APPROVED,
                        earlier.getEntryUuid());
            });
        }
        checks.that("ITI-41", "a replacement takes addenda and transformations with it", () -> {
            DocumentEntry earlier = registered("earlier");
            DocumentEntry addendum = related(AssociationType.APPEND, earlier);
            DocumentEntry form = related(AssociationType.TRANSFORM, earlier);
            related(AssociationType.REPLACE, earlier);
            hasStatus(AvailabilityStatus.DEPRECATED, addendum.getEntryUuid());
            hasStatus(AvailabilityStatus.DEPRECATED, form.getEntryUuid());
        });
        checks.that("ITI-41", "a relation with documentation", () -> {
            DocumentEntry earlier = registered("earlier");
            Delivery delivery = new Delivery(earlier.getPatientId());
            DocumentEntry later = delivery.document("later");
            delivery.associate(AssociationType.REPLACE, later.getEntryUuid(), earlier.getEntryUuid())
                    .setDocCode(Sample.CORRECTION);
            Expect.success(stranger.iti41(delivery.provide()));
        });
        checks.that("ITI-41", "a registered document by reference", () -> {
            DocumentEntry earlier = registered("earlier");
            Delivery delivery = new Delivery(earlier.getPatientId());
            delivery.member(earlier.getEntryUuid()).setLabel(AssociationLabel.REFERENCE);
            Expect.success(stranger.iti41(delivery.provide()));
        });
    }

    private DocumentEntry related(AssociationType type, DocumentEntry earlier) throws Exception {
        Delivery delivery = new Delivery(earlier.getPatientId());
        DocumentEntry later = delivery.document("later by " + type);
        delivery.associate(type, later.getEntryUuid(), earlier.getEntryUuid());
        Expect.success(stranger.iti41(delivery.provide()));
        return later;
    }

    private void folders() {
        checks.that("ITI-41", "a folder with a document", () -> {
            Delivery delivery = new Delivery(patient());
            DocumentEntry entry = delivery.document("in a folder");
            Folder folder = delivery.folder();
            delivery.into(folder.getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(delivery.provide()));
            Folder got = folder(folder.getEntryUuid());
            Expect.equal(folder.getTitle(), got.getTitle());
            Expect.equal(folder.getCodeList(), got.getCodeList());
            Expect.that(got.getLastUpdateTime() != null, "no lastUpdateTime");
        });
        checks.that("ITI-41", "an empty folder, and a registered document into it", () -> {
            DocumentEntry entry = registered("goes into a folder");
            Delivery first = new Delivery(entry.getPatientId());
            Folder folder = first.folder();
            Expect.success(stranger.iti41(first.provide()));
            Delivery second = new Delivery(entry.getPatientId());
            second.into(folder.getEntryUuid(), entry.getEntryUuid());
            Expect.success(stranger.iti41(second.provide()));
        });
        checks.that("ITI-41", "another patient's folder is refused", () -> {
            Delivery first = new Delivery(patient());
            Folder folder = first.folder();
            Expect.success(stranger.iti41(first.provide()));
            Delivery second = new Delivery(patient());
            second.into(folder.getEntryUuid(), second.document("mine").getEntryUuid());
            Expect.failure(stranger.iti41(second.provide()), "XDSPatientIdDoesNotMatch");
        });
    }

    private void refused() {
        checks.that("ITI-41", "a code outside the affinity domain is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("x").setClassCode(Sample.code("NO-SUCH", 1, "無し"));
            Expect.equal("Failure", failed(stranger.iti41(delivery.provide())));
        });
        checks.that("ITI-41", "a replaced document cannot be replaced again", () -> {
            DocumentEntry earlier = registered("earlier");
            related(AssociationType.REPLACE, earlier);
            Delivery again = new Delivery(earlier.getPatientId());
            again.associate(AssociationType.REPLACE, again.document("again").getEntryUuid(),
                    earlier.getEntryUuid());
            Expect.failure(stranger.iti41(again.provide()), "XDSRegistryDeprecatedDocumentError");
        });
        checks.that("ITI-41", "another patient's document cannot be replaced", () -> {
            DocumentEntry earlier = registered("earlier");
            Delivery other = new Delivery(patient());
            other.associate(AssociationType.REPLACE, other.document("other").getEntryUuid(),
                    earlier.getEntryUuid());
            Expect.failure(stranger.iti41(other.provide()), "XDSPatientIdDoesNotMatch");
        });
        checks.that("ITI-41", "a document without its content is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(Sample.entry(delivery.patient));
            Expect.failure(stranger.iti41Unchecked(delivery.provide()), "XDSMissingDocument");
        });
        checks.that("ITI-41", "a wrong hash is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("hashed").setHash("0000000000000000000000000000000000000000");
            Response response = stranger.iti41(delivery.provide());
            Expect.equal("Failure", failed(response));
        });
        checks.that("ITI-41", "an entry without typeCode is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.document("untyped").setTypeCode(null);
            Expect.equal("Failure", failed(stranger.iti41Unchecked(delivery.provide())));
        });
        checks.that("ITI-41", "one uniqueId with other content is refused", () -> {
            DocumentEntry first = registered("first");
            Delivery delivery = new Delivery(first.getPatientId());
            delivery.document("second").setUniqueId(first.getUniqueId());
            Response response = stranger.iti41(delivery.provide());
            Expect.equal("Failure", failed(response));
        });
    }

    private void otherRepositories() {
        checks.that("ITI-42", "another repository registers its document", () -> {
            Delivery delivery = elsewhere(patient());
            Expect.success(stranger.iti42(delivery.register()));
            var found = Expect.success(stranger.iti18(documentsOf(delivery.patient)));
            Expect.equal(OTHER_REPOSITORY, one(found.getDocumentEntries()).getRepositoryUniqueId());
        });
        checks.that("ITI-42", "an entry without repositoryUniqueId is refused", () -> {
            Delivery delivery = new Delivery(patient());
            delivery.entry(Sample.entry(delivery.patient));
            Response response = stranger.as(Role.REPOSITORY, "xds-iti42", "registry",
                    delivery.register(), Response.class);
            Expect.equal("Failure", failed(response));
        });
        checks.that("ITI-42", "the same uniqueId with another hash is refused", () -> {
            Delivery first = elsewhere(patient());
            Expect.success(stranger.iti42(first.register()));
            String uniqueId = first.register().getDocumentEntries().get(0).getUniqueId();
            Delivery second = elsewhere(first.patient);
            DocumentEntry again = second.register().getDocumentEntries().get(0);
            again.setUniqueId(uniqueId);
            again.setHash("ffffffffffffffffffffffffffffffffffffffff");
            Expect.failure(stranger.iti42(second.register()), "XDSNonIdenticalHash");
        });
    }

    private static final String OTHER_REPOSITORY = Sample.ROOT + ".90.1";

    static Delivery elsewhere(Identifiable patient) {
        Delivery delivery = new Delivery(patient);
        DocumentEntry entry = Sample.entry(patient);
        entry.setRepositoryUniqueId(OTHER_REPOSITORY);
        entry.setHash("da39a3ee5e6b4b0d3255bfef95601890afd80709");
        entry.setSize(1L);
        delivery.entry(entry);
        return delivery;
    }

    private static String failed(Response response) {
        Expect.that(!response.getErrors().isEmpty(), "an answer without an error");
        return switch (response.getStatus()) {
            case FAILURE -> "Failure";
            case SUCCESS -> "Success";
            case PARTIAL_SUCCESS -> "PartialSuccess";
        };
    }
}
