package renkei.ipf;

import jakarta.activation.DataHandler;
import jakarta.activation.DataSource;
import jakarta.mail.util.ByteArrayDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.openehealth.ipf.commons.ihe.xds.core.responses.RetrievedDocument;

/** Contents of documents; a large one is made as it is read. */
final class Contents {
    private Contents() {}

    static DataHandler text(String text) {
        return new DataHandler(new ByteArrayDataSource(text.getBytes(StandardCharsets.UTF_8), "text/csv"));
    }

    /** The text of a document. */
    static String text(RetrievedDocument document) throws IOException {
        return new String(document.getDataHandler().getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** `octets` octets that do not repeat within a block. */
    static DataSource large(long octets) {
        return new DataSource() {
            @Override
            public InputStream getInputStream() {
                return new Generated(octets);
            }

            @Override
            public OutputStream getOutputStream() throws IOException {
                throw new IOException("is only read");
            }

            @Override
            public String getContentType() {
                return "application/zip";
            }

            @Override
            public String getName() {
                return "large";
            }
        };
    }

    /** SHA-1 in hexadecimal digits, and how many octets there were. */
    static String digest(InputStream content) throws IOException, NoSuchAlgorithmException {
        MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
        try (DigestInputStream in = new DigestInputStream(content, sha1)) {
            long octets = in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(sha1.digest()) + " of " + octets;
        }
    }

    private static final class Generated extends InputStream {
        private final long octets;
        private long at;

        Generated(long octets) {
            this.octets = octets;
        }

        @Override
        public int read() {
            return at < octets ? octet(at++) & 0xff : -1;
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (at >= octets) {
                return length == 0 ? 0 : -1;
            }
            int count = (int) Math.min(length, octets - at);
            for (int n = 0; n < count; n++) {
                into[from + n] = octet(at++);
            }
            return count;
        }

        private static byte octet(long place) {
            return (byte) ((place * 2_654_435_761L) >>> 13);
        }
    }
}
