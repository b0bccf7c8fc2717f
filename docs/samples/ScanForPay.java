// Create an order and verify a notification. Java 17, no library; run as it is. The sign key is in the environment:
//
//   SCANFORPAY_KEY=... java ScanForPay.java create https://pay.example.com/api/ 10001 100010000000002 p1 Wechat 2100 \
//       https://shop.example.com/notify https://shop.example.com/done
//   SCANFORPAY_KEY=... java ScanForPay.java verify < notification.json
//
// In your shop's notify servlet read the raw bytes (request.getInputStream().readAllBytes()), never a parsed body:
//
//   byte[] value = ScanForPay.verified(raw, System.getenv("SCANFORPAY_KEY"));
//   // read `value` with your JSON library, compare orderAmount and currency with your own order, mark it paid if status
//   // is 1, then answer with the text: success
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

public final class ScanForPay {
    private static final String START = "{\"response\":";
    private static final String MIDDLE = ",\"signature\":\"";

    static String sign(byte[] value, String key) throws NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update(value);
        return HexFormat.of().formatHex(digest.digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    /** The answer's value, proven; it holds payUrl and orderNo. The same call again answers the same. */
    static byte[] createOrder(String base, String partnerNo, String key, Map<String, Object> body)
            throws IOException, InterruptedException, NoSuchAlgorithmException {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("version", "1.0");
        header.put("partnerNo", partnerNo);
        header.put("reqMsgId", UUID.randomUUID().toString());
        header.put("reqTime", OffsetDateTime.now().truncatedTo(ChronoUnit.SECONDS)
                .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
        header.put("signType", "SHA256");
        // Encode once: what is signed is what is sent.
        String value = "{\"header\":" + json(header) + ",\"body\":" + json(body) + "}";
        String message = "{\"request\":" + value + MIDDLE + sign(value.getBytes(StandardCharsets.UTF_8), key) + "\"}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(base.replaceAll("/$", "") + "/jspay/create"))
                .timeout(Duration.ofSeconds(30)).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(message)).build();
        byte[] raw = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        String code = field(new String(raw, StandardCharsets.UTF_8), "code");
        if (!code.equals("1")) {
            throw new IOException("refused with code " + code + ": "
                    + field(new String(raw, StandardCharsets.UTF_8), "msg"));
        }
        return verified(raw, key);
    }

    /** The bytes of the value of "response", proven by the signature over them. */
    static byte[] verified(byte[] raw, String key) throws IOException, NoSuchAlgorithmException {
        String text = new String(raw, StandardCharsets.ISO_8859_1); // one character a byte
        int at = text.lastIndexOf(MIDDLE);
        if (key.isEmpty() || !text.startsWith(START) || at < 0 || !text.endsWith("\"}")) {
            throw new IOException("this is no signed message");
        }
        byte[] value = Arrays.copyOfRange(raw, START.length(), at);
        byte[] signature = Arrays.copyOfRange(raw, at + MIDDLE.length(), raw.length - 2);
        if (!MessageDigest.isEqual(sign(value, key).getBytes(StandardCharsets.US_ASCII), signature)) {
            throw new IOException("the signature is not right");
        }
        return value;
    }

    /** A flat object of texts and numbers; your JSON library does this better. */
    private static String json(Map<String, Object> object) {
        return object.entrySet().stream()
                .map(pair -> quoted(pair.getKey()) + ":"
                        + (pair.getValue() instanceof Number ? pair.getValue() : quoted((String) pair.getValue())))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    /** A field of a proven message; your JSON library does this better. */
    static String field(String message, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(-?\\d+))").matcher(message);
        if (!found.find()) {
            return "";
        }
        return (found.group(1) == null ? found.group(2) : found.group(1)).replace("\\/", "/");
    }

    public static void main(String[] args) throws Exception {
        String key = System.getenv().getOrDefault("SCANFORPAY_KEY", "");
        try {
            switch (args[0]) {
                case "create" -> {
                    Map<String, Object> body = new LinkedHashMap<>();
                    body.put("storeNo", args[3]);
                    body.put("partnerOrderNo", args[4]);
                    body.put("wallet", args[5]);
                    body.put("orderAmount", Long.valueOf(args[6]));
                    body.put("orderTitle", "\u4e00\u676f\u4e4c\u9f99\u8336");
                    body.put("notifyUrl", args.length > 7 ? args[7] : "");
                    body.put("returnUrl", args.length > 8 ? args[8] : "");
                    byte[] value = createOrder(args[1], args[2], key, body);
                    System.out.println(field(new String(value, StandardCharsets.UTF_8), "payUrl"));
                }
                case "verify" -> {
                    String told = new String(verified(System.in.readAllBytes(), key), StandardCharsets.UTF_8);
                    System.out.println(String.join(" ", field(told, "partnerOrderNo"), field(told, "status"),
                            field(told, "orderAmount"), field(told, "currency")));
                }
                default -> System.out.println(sign(System.in.readAllBytes(), key));
            }
        } catch (IOException error) {
            System.err.println(error.getMessage());
            System.exit(1);
        }
    }
}
