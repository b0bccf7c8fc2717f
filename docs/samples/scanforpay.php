<?php
// Create an order and verify a notification. PHP 8, no package. The sign key is in the environment, never in the code:
//
//   SCANFORPAY_KEY=... php scanforpay.php create https://pay.example.com/api/ 10001 100010000000002 p1 Wechat 2100 \
//       https://shop.example.com/notify https://shop.example.com/done
//   SCANFORPAY_KEY=... php scanforpay.php verify < notification.json
//
// In your shop's notify page:
//
//   require 'scanforpay.php';
//   $told = verified(file_get_contents('php://input'), getenv('SCANFORPAY_KEY'))['body'];
//   // compare orderAmount and currency with your own order, mark it paid if status is 1, then:
//   echo 'success';

function sign(string $value, string $key): string
{
    return hash('sha256', $value . $key);
}

/** The order's answer: payUrl, orderNo. The same call again answers the same. */
function create_order(string $base, string $partnerNo, string $key, array $body): array
{
    $header = ['version' => '1.0', 'partnerNo' => $partnerNo, 'reqMsgId' => bin2hex(random_bytes(16)),
               'reqTime' => date(DATE_ATOM), 'signType' => 'SHA256'];
    // Encode once: what is signed is what is sent.
    $value = json_encode(['header' => $header, 'body' => $body], JSON_THROW_ON_ERROR);
    $message = '{"request":' . $value . ',"signature":"' . sign($value, $key) . '"}';
    $http = ['method' => 'POST', 'header' => 'Content-Type: application/json', 'content' => $message,
             'timeout' => 30, 'ignore_errors' => true];
    $raw = file_get_contents(rtrim($base, '/') . '/jspay/create', false, stream_context_create(['http' => $http]));
    if ($raw === false) {
        throw new RuntimeException('no answer: send the same call again');
    }
    $answer = json_decode($raw, true, 32, JSON_THROW_ON_ERROR)['response']['body'];
    if ($answer['code'] !== 1) {
        throw new RuntimeException("refused with code {$answer['code']}: {$answer['msg']}");
    }
    return verified($raw, $key)['body'];
}

/** The value of "response", proven by the signature over its bytes. */
function verified(string $raw, string $key): array
{
    $start = '{"response":';
    $middle = ',"signature":"';
    $at = strrpos($raw, $middle);
    if ($key === '' || !str_starts_with($raw, $start) || $at === false || !str_ends_with($raw, '"}')) {
        throw new RuntimeException('this is no signed message');
    }
    $value = substr($raw, strlen($start), $at - strlen($start));
    $signature = substr($raw, $at + strlen($middle), -2);
    if (!hash_equals(sign($value, $key), $signature)) {
        throw new RuntimeException('the signature is not right');
    }
    return json_decode($value, true, 32, JSON_THROW_ON_ERROR);
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    $key = (string) getenv('SCANFORPAY_KEY');
    try {
        if ($argv[1] === 'create') {
            [, , $base, $partnerNo, $storeNo, $number, $wallet, $amount] = $argv;
            echo create_order($base, $partnerNo, $key, [
                'storeNo' => $storeNo, 'partnerOrderNo' => $number, 'wallet' => $wallet, 'orderAmount' => (int) $amount,
                'orderTitle' => '一杯乌龙茶', 'notifyUrl' => $argv[8] ?? '', 'returnUrl' => $argv[9] ?? '',
            ])['payUrl'], "\n";
        } elseif ($argv[1] === 'verify') {
            $told = verified(stream_get_contents(STDIN), $key)['body'];
            echo "{$told['partnerOrderNo']} {$told['status']} {$told['orderAmount']} {$told['currency']}\n";
        } else {
            echo sign(stream_get_contents(STDIN), $key), "\n";
        }
    } catch (Exception $error) {
        fwrite(STDERR, $error->getMessage() . "\n");
        exit(1);
    }
}
