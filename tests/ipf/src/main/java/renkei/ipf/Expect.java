package renkei.ipf;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.cxf.binding.soap.SoapFault;
import org.openehealth.ipf.commons.ihe.xds.core.responses.ErrorInfo;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Response;
import org.openehealth.ipf.commons.ihe.xds.core.responses.Status;

/** What a check expects; says what came instead. */
final class Expect {
    private Expect() {}

    static void equal(Object expected, Object got) {
        if (!Objects.equals(expected, got)) {
            throw new AssertionError("expected " + expected + ", got " + got);
        }
    }

    static void that(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    /** Success without a word. */
    static <R extends Response> R success(R response) {
        that(response.getStatus() == Status.SUCCESS && response.getErrors().isEmpty(), told(response));
        return response;
    }

    /** Success, and the warning `code`. */
    static <R extends Response> R warned(R response, String code) {
        equal(Status.SUCCESS, response.getStatus());
        return tells(response, code);
    }

    /** Failure, and `code` among its errors. */
    static <R extends Response> R failure(R response, String code) {
        equal(Status.FAILURE, response.getStatus());
        return tells(response, code);
    }

    /** `code` is among the errors, each of which says something. */
    static <R extends Response> R tells(R response, String code) {
        List<String> codes = response.getErrors().stream().map(Expect::code).toList();
        that(codes.contains(code), "expected " + code + ", got " + told(response));
        for (ErrorInfo error : response.getErrors()) {
            String context = error.getCodeContext();
            that(context != null && !context.isBlank(), "an error without context: " + code(error));
        }
        return response;
    }

    /** The fault that answers a call. */
    static SoapFault fault(Checks.Body call) throws Exception {
        try {
            call.run();
        } catch (Exception thrown) {
            for (Throwable t = thrown; t != null; t = t.getCause()) {
                if (t instanceof SoapFault fault) {
                    return fault;
                }
            }
            throw thrown;
        }
        throw new AssertionError("was answered without a fault");
    }

    private static String code(ErrorInfo error) {
        String own = error.getCustomErrorCode();
        return own != null ? own : error.getErrorCode().getOpcode();
    }

    private static String told(Response response) {
        return response.getStatus() + response.getErrors().stream()
                .map(e -> code(e) + ": " + e.getCodeContext())
                .collect(Collectors.joining("; ", " [", "]"));
    }
}
