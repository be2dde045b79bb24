package renkei.ipf;

import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import jakarta.mail.util.ByteArrayDataSource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Association;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationLabel;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AssociationType;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Document;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Folder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.SubmissionSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.ProvideAndRegisterDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RegisterDocumentSet;

/** One submission in the making: a SubmissionSet and what it holds (ITI TF-3: 4.2.1). */
final class Delivery {
    final SubmissionSet set;
    final Identifiable patient;
    private final List<DocumentEntry> entries = new ArrayList<>();
    private final List<DataHandler> contents = new ArrayList<>();
    private final List<Folder> folders = new ArrayList<>();
    private final List<Association> associations = new ArrayList<>();

    Delivery(Identifiable patient) {
        this.patient = patient;
        set = Sample.set(patient);
    }

    /** Adds a document with this text. */
    DocumentEntry document(String text) {
        return document(new ByteArrayDataSource(text.getBytes(StandardCharsets.UTF_8), "text/csv"));
    }

    /** Adds a document. */
    DocumentEntry document(DataSource content) {
        DocumentEntry entry = entry(Sample.entry(patient));
        contents.set(contents.size() - 1, new DataHandler(content));
        return entry;
    }

    /** Adds an entry whose content is elsewhere. */
    DocumentEntry entry(DocumentEntry entry) {
        entries.add(entry);
        contents.add(null);
        member(entry.getEntryUuid()).setLabel(AssociationLabel.ORIGINAL);
        return entry;
    }

    /** Adds a new folder. */
    Folder folder() {
        Folder folder = Sample.folder(patient);
        folders.add(folder);
        member(folder.getEntryUuid());
        return folder;
    }

    /** Puts something into the SubmissionSet. */
    Association member(String target) {
        return associate(AssociationType.HAS_MEMBER, set.getEntryUuid(), target);
    }

    /** Puts a document into a folder, and the membership into the SubmissionSet (ITI TF-3: 4.2.1.3). */
    Delivery into(String folder, String entry) {
        member(associate(AssociationType.HAS_MEMBER, folder, entry).getEntryUuid());
        return this;
    }

    Association associate(AssociationType type, String source, String target) {
        Association association = new Association(type, Sample.uuid(), source, target);
        associations.add(association);
        return association;
    }

    /** Adds a new version of an object that is there. */
    Delivery version(DocumentEntry changed, String previous) {
        entries.add(changed);
        contents.add(null);
        Association member = member(changed.getEntryUuid());
        member.setLabel(AssociationLabel.ORIGINAL);
        member.setPreviousVersion(previous);
        return this;
    }

    /** Adds a new version of a folder that is there. */
    Delivery version(Folder changed, String previous) {
        folders.add(changed);
        member(changed.getEntryUuid()).setPreviousVersion(previous);
        return this;
    }

    /** Asks for another status of an object that is there. */
    Delivery status(String object, AvailabilityStatus before, AvailabilityStatus after) {
        Association change =
                associate(AssociationType.UPDATE_AVAILABILITY_STATUS, set.getEntryUuid(), object);
        change.setOriginalStatus(before);
        change.setNewStatus(after);
        return this;
    }

    ProvideAndRegisterDocumentSet provide() {
        ProvideAndRegisterDocumentSet request = new ProvideAndRegisterDocumentSet();
        request.setSubmissionSet(set);
        for (int n = 0; n < entries.size(); n++) {
            request.getDocuments().add(new Document(entries.get(n), contents.get(n)));
        }
        request.getFolders().addAll(folders);
        request.getAssociations().addAll(associations);
        return request;
    }

    RegisterDocumentSet register() {
        RegisterDocumentSet request = new RegisterDocumentSet();
        request.setSubmissionSet(set);
        request.getDocumentEntries().addAll(entries);
        request.getFolders().addAll(folders);
        request.getAssociations().addAll(associations);
        return request;
    }
}
