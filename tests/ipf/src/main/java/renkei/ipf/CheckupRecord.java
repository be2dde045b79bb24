package renkei.ipf;

import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Person;

/**
 * What queries find of one person: a document in a folder, its correction with an addendum, and
 * another form of the correction. Three submissions, four documents, three of them approved.
 */
final class CheckupRecord extends Scene {
    static final String ACCESSION = "A-2025-0512";

    Identifiable patient;
    Delivery first;
    Folder folder;
    DocumentEntry earlier;
    DocumentEntry corrected;
    DocumentEntry addendum;
    DocumentEntry form;

    CheckupRecord(Stranger stranger, Checks checks) {
        super(stranger, checks);
    }

    @Override
    void run() {
        checks.that("ITI-41", "a document, its correction, an addendum and another form", this::register);
    }

    private void register() throws Exception {
        patient = patient();
        first = new Delivery(patient);
        earlier = first.document("first");
        folder = first.folder();
        first.into(folder.getEntryUuid(), earlier.getEntryUuid());
        Expect.success(stranger.iti41(first.provide()));

        Delivery second = new Delivery(patient);
        corrected = second.document("corrected");
        corrected.getReferenceIdList().add(Sample.accession(ACCESSION));
        corrected.getEventCodeList().add(Sample.STATUTORY);
        second.associate(AssociationType.REPLACE, corrected.getEntryUuid(), earlier.getEntryUuid());
        Expect.success(stranger.iti41(second.provide()));

        Delivery third = new Delivery(patient);
        addendum = third.document("addendum");
        addendum.setClassCode(Sample.ORIGINAL);
        addendum.setServiceStartTime("20240401");
        addendum.setServiceStopTime("20240402");
        addendum.setCreationTime("20240403");
        addendum.getAuthors().get(0).setAuthorPerson(Person.parse("^別人^次郎"));
        form = third.document("form");
        form.setFormatCode(Sample.CDA);
        form.setMimeType("text/xml");
        third.associate(AssociationType.APPEND, addendum.getEntryUuid(), corrected.getEntryUuid());
        third.associate(AssociationType.TRANSFORM, form.getEntryUuid(), corrected.getEntryUuid());
        Expect.success(stranger.iti41(third.provide()));
    }
}
