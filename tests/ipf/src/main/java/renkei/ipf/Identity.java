package renkei.ipf;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A node of the community: {@code cert.pem}, {@code key.pem} and {@code ca.pem} of its folder. */
final class Identity {
    private static final char[] PASSWORD = "unused".toCharArray();
    private final SSLContext tls;

    Identity(Path folder) throws GeneralSecurityException, IOException {
        KeyStore own = empty();
        Certificate[] chain = certificates(folder.resolve("cert.pem")).toArray(Certificate[]::new);
        own.setKeyEntry("own", privateKey(folder.resolve("key.pem")), PASSWORD, chain);
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, PASSWORD);

        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted(folder));

        tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    }

    SSLContext tls() {
        return tls;
    }

    /** The authorities of a folder's {@code ca.pem}. */
    static KeyStore trusted(Path folder) throws GeneralSecurityException, IOException {
        KeyStore trusted = empty();
        for (Certificate authority : certificates(folder.resolve("ca.pem"))) {
            trusted.setCertificateEntry("ca" + trusted.size(), authority);
        }
        return trusted;
    }

    private static KeyStore empty() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws GeneralSecurityException, IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
    }

    private static PrivateKey privateKey(Path file) throws GeneralSecurityException, IOException {
        String text = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(key);
        } catch (InvalidKeySpecException notElliptic) {
            return KeyFactory.getInstance("RSA").generatePrivate(key);
        }
    }
}
