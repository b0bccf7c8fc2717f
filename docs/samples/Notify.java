// A shop's notify servlet. Java 17, no library, two files:
//
//   javac ScanForPay.java Notify.java && SCANFORPAY_KEY=... ORDERS=/tmp/orders PORT=3000 java Notify
//
// ORDERS is a folder with a file for each order, p1.json: {"amount":2100,"currency":"CNY","credited":0}. Your shop has a table in
// their place, and in place of "synchronized" one conditional statement:
//
//   UPDATE orders SET paid_at = now() WHERE number = ? AND paid_at IS NULL
//
// What follows from a payment (the goods, the mail) is done where that changed a row, and nowhere else.
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.Executors;

public final class Notify {
    record Answer(int status, String text) {}

    /** What the shop answers. Only "success" ends the repetitions. */
    static synchronized Answer receive(byte[] raw, String key, Path folder) throws IOException, NoSuchAlgorithmException {
        String told;
        try {
            told = new String(ScanForPay.verified(raw, key), StandardCharsets.UTF_8);
        } catch (IOException error) {
            return new Answer(400, error.getMessage());
        }
        String number = ScanForPay.field(told, "partnerOrderNo");
        // Letters, digits, - and _, as your numbers are: this one becomes a file's name.
        Path file = folder.resolve(number.matches("[A-Za-z0-9_-]+") ? number + ".json" : ".none");
        if (!Files.isRegularFile(file)) {
            return new Answer(404, "there is no such order");
        }
        if (told.contains("\"refundNo\":")) {
            // Record the refund here. It is no payment of the order.
            return new Answer(200, "success");
        }
        String order = Files.readString(file);
        boolean same = ScanForPay.field(told, "orderAmount").equals(ScanForPay.field(order, "amount"))
                && ScanForPay.field(told, "currency").equals(ScanForPay.field(order, "currency"));
        if (!same || !ScanForPay.field(told, "code").equals("1") || !ScanForPay.field(told, "status").equals("1")) {
            return new Answer(409, "this does not pay the order");
        }
        if (ScanForPay.field(order, "credited").equals("0")) {
            Files.writeString(file, order.replaceFirst("\"credited\":\\s*0", "\"credited\":1"));
        }
        return new Answer(200, "success");
    }

    static void serve(HttpExchange exchange) throws IOException {
        Answer answer;
        try {
            String key = System.getenv().getOrDefault("SCANFORPAY_KEY", "");
            answer = receive(exchange.getRequestBody().readAllBytes(), key, Path.of(System.getenv("ORDERS")));
        } catch (NoSuchAlgorithmException error) {
            answer = new Answer(500, "SHA-256 is missing");
        }
        byte[] text = answer.text().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain");
        exchange.sendResponseHeaders(answer.status(), text.length);
        try (exchange) {
            exchange.getResponseBody().write(text);
        }
    }

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/", Notify::serve);
        // Without threads of its own it serves one connection at a time.
        server.setExecutor(Executors.newFixedThreadPool(16));
        server.start();
    }
}
