package renkei.ipf;

import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.AvailabilityStatus;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.DocumentEntry;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.Identifiable;
import org.openehealth.ipf.commons.ihe.xds.core.metadata.ObjectReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.DocumentReference;
import org.openehealth.ipf.commons.ihe.xds.core.requests.QueryRegistry;
import org.openehealth.ipf.commons.ihe.xds.core.requests.RetrieveDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.FindDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.GetDocumentsQuery;
import org.openehealth.ipf.commons.ihe.xds.core.requests.query.QueryReturnType;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorCode;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.QueryResponse;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocumentSet;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Severity;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;
import org.openehealth.ipf.platform.camel.ihe.xds.XdsCamelValidators;

/** Another community on the libraries of IPF: its Responding Gateway, which the house's asks (ITI-38, ITI-39). */
final class Neighbour {
    /** The community, as the house has it entered. */
    final String home;
    private final String name;

    private record Held(DocumentEntry entry, DataSource content) {}

    private final List<Held> held = new CopyOnWriteArrayList<>();
    private final Map<String, ErrorCode> failing = new ConcurrentHashMap<>();
    private volatile QueryRegistry last;

    /** @param name what its addresses begin with */
    Neighbour(String name, String home) {
        this.name = name;
        this.home = home;
    }

    /** A document of a patient. */
    DocumentEntry has(Identifiable patient, DataSource content) throws Exception {
        DocumentEntry entry = Sample.entry(patient);
        String[] digest = Contents.digest(content.getInputStream()).split(" of ");
        entry.setHash(digest[0]);
        entry.setSize(Long.valueOf(digest[1]));
        entry.setLogicalUuid(entry.getEntryUuid());
        entry.setRepositoryUniqueId(home.replace("urn:oid:", "") + ".2");
        entry.setHomeCommunityId(home);
        entry.setAvailabilityStatus(AvailabilityStatus.APPROVED);
        held.add(new Held(entry, content));
        return entry;
    }

    /** Answers whoever asks about this patient with an error. */
    void fails(Identifiable patient, ErrorCode code) {
        failing.put(patient.getId(), code);
    }

    /** What it was asked last. */
    QueryRegistry last() {
        return last;
    }

    RouteBuilder routes() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("xca-iti38:" + name + "38")
                        .process(XdsCamelValidators.iti38RequestValidator())
                        .process(Neighbour.this::find)
                        .process(XdsCamelValidators.iti38ResponseValidator());
                from("xca-iti39:" + name + "39")
                        .process(XdsCamelValidators.iti39RequestValidator())
                        .process(Neighbour.this::retrieve)
                        .process(XdsCamelValidators.iti39ResponseValidator());
            }
        };
    }

    private void find(Exchange exchange) {
        QueryRegistry asked = exchange.getIn().getBody(QueryRegistry.class);
        last = asked;
        QueryResponse response = new QueryResponse(Status.SUCCESS);
        List<DocumentEntry> found;
        if (asked.getQuery() instanceof FindDocumentsQuery query) {
            String patient = query.getPatientId().getId();
            found = entries(e -> e.getPatientId().getId().equals(patient));
            ErrorCode code = failing.get(patient);
            if (code != null || found.isEmpty()) {
                response.setStatus(Status.FAILURE);
                response.getErrors().add(error(code == null ? ErrorCode.UNKNOWN_PATIENT_ID : code));
            }
        } else if (asked.getQuery() instanceof GetDocumentsQuery query) {
            found = entries(e -> query.getUuids().contains(e.getEntryUuid()));
        } else {
            found = List.of();
        }
        if (response.getStatus() == Status.SUCCESS && asked.getReturnType() == QueryReturnType.OBJECT_REF) {
            found.forEach(e -> response.getReferences().add(new ObjectReference(e.getEntryUuid(), home)));
        } else if (response.getStatus() == Status.SUCCESS) {
            response.getDocumentEntries().addAll(found);
        }
        exchange.getMessage().setBody(response);
    }

    private List<DocumentEntry> entries(java.util.function.Predicate<DocumentEntry> which) {
        return held.stream().map(Held::entry).filter(which).toList();
    }

    private ErrorInfo error(ErrorCode code) {
        return new ErrorInfo(code, "said by IPF", Severity.ERROR, home, null);
    }

    private void retrieve(Exchange exchange) {
        RetrieveDocumentSet asked = exchange.getIn().getBody(RetrieveDocumentSet.class);
        RetrievedDocumentSet response = new RetrievedDocumentSet(Status.SUCCESS);
        for (DocumentReference reference : asked.getDocuments()) {
            held.stream()
                    .filter(h -> h.entry().getUniqueId().equals(reference.getDocumentUniqueId()))
                    .findFirst()
                    .ifPresentOrElse(
                            h -> response.getDocuments().add(new RetrievedDocument(
                                    new DataHandler(h.content()), reference, null, null,
                                    h.entry().getMimeType())),
                            () -> response.getErrors().add(error(ErrorCode.DOCUMENT_UNIQUE_ID_ERROR)));
        }
        if (!response.getErrors().isEmpty()) {
            response.setStatus(
                    response.getDocuments().isEmpty() ? Status.FAILURE : Status.PARTIAL_SUCCESS);
        }
        exchange.getMessage().setBody(response);
    }
}
