import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/**
 * Validates every .json file below a folder with the base definitions of FHIR R4, whose profiles and
 * code systems are all the validator knows: a profile or code system it does not have is told as a
 * warning. Exit status 1 when a file has an error, or when there is no file.
 */
public final class Validate {
    /** What the validator tells of a profile of the file itself, whatever it was asked to do. */
    private static final String UNKNOWN_PROFILE = "Invalid profile. Failed to retrieve profile";

    private Validate() {}

    public static void main(String[] arguments) throws IOException {
        List<Path> files = files(Path.of(arguments[0]));
        FhirValidator validator = validator();
        int wrong = 0;
        for (Path file : files) {
            if (!isValid(validator, file)) {
                wrong++;
            }
        }
        System.out.printf("%d files, %d with errors%n", files.size(), wrong);
        System.exit(files.isEmpty() || wrong > 0 ? 1 : 0);
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().endsWith(".json")).sorted().toList();
        }
    }

    private static FhirValidator validator() {
        FhirContext context = FhirContext.forR4();
        UnknownCodeSystemWarningValidationSupport unknown =
                new UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
        FhirInstanceValidator rules = new FhirInstanceValidator(new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                unknown));
        rules.setErrorForUnknownProfiles(false);
        return context.newValidator().registerValidatorModule(rules);
    }

    private static boolean isValid(FhirValidator validator, Path file) throws IOException {
        boolean valid = true;
        for (SingleValidationMessage message :
                validator.validateWithResult(Files.readString(file)).getMessages()) {
            boolean unknownProfile = message.getMessage().startsWith(UNKNOWN_PROFILE);
            if (message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0 && !unknownProfile) {
                valid = false;
                System.out.printf("%s: %s: %s: %s%n", file, message.getSeverity(),
                        message.getLocationString(), message.getMessage());
            }
        }
        return valid;
    }
}
