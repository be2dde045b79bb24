package renkei.ipf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Runs checks one after the other, tells how each ended, and compares them with the list of all. */
final class Checks {
    /** What a check does; it fails by throwing. */
    interface Body {
        void run() throws Exception;
    }

    private final List<String> lines = new ArrayList<>();
    private final Set<String> known = new TreeSet<>();
    private int failed;

    /** Runs a check. */
    void that(String transaction, String says, Body body) {
        if (!known.add(line(transaction, says))) {
            throw new IllegalStateException("two checks say: " + says);
        }
        long begun = System.nanoTime();
        String outcome = "passed";
        String why = "";
        try {
            body.run();
        } catch (Exception | AssertionError e) {
            if (Boolean.getBoolean("trace")) {
                e.printStackTrace(System.out);
            }
            failed++;
            outcome = "failed";
            why = cause(e);
        }
        long millis = (System.nanoTime() - begun) / 1_000_000;
        String line = String.join("\t", outcome, transaction, says, why, millis + " ms");
        lines.add(line);
        System.out.println(line);
    }

    /** The innermost of the causes that says something, on one line. */
    private static String cause(Throwable thrown) {
        String said = thrown.toString();
        for (Throwable t = thrown; t != null; t = t.getCause()) {
            said = t.getMessage() == null ? said : t.getClass().getSimpleName() + ": " + t.getMessage();
        }
        return said.replaceAll("\\s+", " ");
    }

    private static String line(String transaction, String says) {
        return String.join("\t", transaction, says);
    }

    /** A line per check that ran: outcome, transaction, what it says, why it failed, how long it took. */
    void report(Path file) throws IOException {
        Files.write(file, lines);
    }

    /** Fails when a check of the list did not run or one ran that is not in it. */
    void compare(Path list) throws IOException {
        Set<String> listed = Files.readAllLines(list).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .collect(Collectors.toCollection(TreeSet::new));
        tell(listed, known, "listed and gone");
        tell(known, listed, "not listed");
    }

    private void tell(Set<String> of, Set<String> without, String what) {
        for (String line : of) {
            if (!without.contains(line)) {
                failed++;
                System.out.println("failed\t" + what + "\t" + line);
            }
        }
    }

    /** Writes the list. */
    void list(Path file) throws IOException {
        List<String> all = new ArrayList<>();
        all.add("# Every check: transaction, what has to be true. A run that differs fails.");
        all.addAll(known);
        Files.write(file, all);
    }

    /** Says how many passed and failed. */
    boolean passed() {
        long passed = lines.stream().filter(line -> line.startsWith("passed")).count();
        System.out.println(passed + " passed, " + failed + " failed");
        return failed == 0;
    }
}
