<?php
// A shop's notify page: PHP 8, no package. To try it: SCANFORPAY_KEY=... ORDERS=/tmp/orders php -S 127.0.0.1:3000 notify.php
//
// ORDERS is a folder with a file for each order, p1.json: {"amount":2100,"currency":"CNY","credited":0}. Your shop has a
// table in their place, and in place of the lock one conditional statement:
//
//   UPDATE orders SET paid_at = NOW() WHERE number = ? AND paid_at IS NULL
//
// What follows from a payment (the goods, the mail) is done where that changed a row, and nowhere else.
require __DIR__ . '/scanforpay.php';

/** What the shop answers: an HTTP status and a text. Only "success" ends the repetitions. */
function receive(string $raw, string $key, string $folder): array
{
    try {
        $told = verified($raw, $key)['body'] ?? null;
    } catch (Exception $error) {
        return [400, $error->getMessage()];
    }
    $number = $told['partnerOrderNo'] ?? null;
    // Letters, digits, - and _, as your numbers are: this one becomes a file's name.
    if (!is_string($number) || !preg_match('/\A[A-Za-z0-9_-]+\z/', $number) || !is_file("$folder/$number.json")) {
        return [404, 'there is no such order'];
    }
    if (array_key_exists('refundNo', $told)) {
        // Record the refund here. It is no payment of the order.
        return [200, 'success'];
    }
    return credit("$folder/$number.json", $told);
}

/** Once, however often the notification comes, and at the same moment. */
function credit(string $file, array $told): array
{
    $opened = fopen($file, 'r+');
    flock($opened, LOCK_EX);
    $order = json_decode(stream_get_contents($opened), true);
    // === and not ==: in PHP 2100 == "2100" and true == 1.
    $same = ($told['orderAmount'] ?? null) === $order['amount'] && ($told['currency'] ?? null) === $order['currency'];
    if (!$same || ($told['code'] ?? null) !== 1 || ($told['status'] ?? null) !== 1) {
        return [409, 'this does not pay the order'];
    }
    if ($order['credited'] === 0) {
        $order['credited'] += 1;
        ftruncate($opened, 0);
        rewind($opened);
        fwrite($opened, json_encode($order));
        fflush($opened);
    }
    return [200, 'success'];
}

if (PHP_SAPI === 'cli-server') {
    [$status, $text] = receive(file_get_contents('php://input'), (string) getenv('SCANFORPAY_KEY'), (string) getenv('ORDERS'));
    http_response_code($status);
    header('Content-Type: text/plain');
    echo $text;
}
