"""Names that headers use for canonical columns, in lower case and with blanks between words."""

import re

SYNONYMS: dict[str, tuple[str, ...]] = {
    "order_id": ("order", "id", "order number", "order no", "order name", "basket id", "transaction id"),
    "ordered_at": ("order date", "created at", "placed at", "date", "time", "timestamp", "purchased at"),
    "net": ("net sales", "net revenue", "net amount", "subtotal", "subtotal price", "sales", "revenue", "amount"),
    "gross": ("gross sales", "gross amount", "merchandise"),
    "discount": ("discounts", "discount amount", "total discounts"),
    "tax": ("vat", "taxes", "total tax"),
    "cost_of_goods": ("cogs", "cost", "cost of goods sold"),
    "discount_codes": ("coupon", "coupons", "code", "codes", "discount code", "voucher"),
    "customer_id": ("customer", "email", "customer email", "user id", "household", "household id", "client"),
    "status": ("state", "financial status", "order status"),
    "partner_id": ("partner", "influencer", "creator", "affiliate", "ambassador", "publisher", "handle"),
    "campaign_id": ("campaign", "campaign name", "mailing"),
    "post_id": ("post", "id", "media id", "video id", "tweet id", "permalink"),
    "published_at": ("published", "publish time", "posted at", "created time", "created at", "date"),
    "observed_at": ("date", "day", "exported at", "as of", "snapshot date"),
    "impressions": ("views total", "impression count"),
    "reach": ("accounts reached", "unique views", "people reached"),
    "likes": ("favorites", "like count", "reactions"),
    "comments": ("replies", "comment count"),
    "shares": ("reposts", "retweets", "share count"),
    "saves": ("saved", "bookmarks"),
    "followers": ("follower count", "fans", "subscribers"),
    "refund_id": ("refund", "id"),
    "refunded_at": ("refund date", "created at", "date"),
    "amount": ("refunded", "refund amount", "total", "value", "cost"),
    "code": ("coupon", "discount code", "voucher"),
    "click_id": ("click", "session id", "visit id", "id"),
    "clicked_at": ("click date", "session start", "visited at", "date", "time"),
    "visitor_id": ("visitor", "client id", "cookie", "user pseudo id"),
    "conversion_id": ("conversion", "transaction id", "action id", "redemption", "id"),
    "converted_at": ("conversion date", "transaction date", "event date", "date"),
    "commission": ("payout", "commission amount"),
    "referral_id": ("referral", "invitation", "id"),
    "referrer_id": ("referrer", "advocate", "invited by"),
    "referred_customer_id": ("referred", "friend", "invitee"),
    "response_id": ("response", "answer id", "id"),
    "answered_at": ("answered", "submitted at", "date", "timestamp"),
    "answer": ("response", "score", "rating"),
    "paid_on": ("paid", "payment date", "invoice date", "date"),
    "cost_id": ("invoice", "invoice number", "payment id", "id"),
    "name": ("full name", "title"),
    "relationship": ("type", "kind", "role"),
}


def normalise(name: str) -> str:
    """Lower case with blanks between words: `OrderDate`, `order_date` and `Order date` become the same."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[^0-9a-z]+", apart.lower())).strip()


def guess_header(column: str, headers: list[str]) -> str | None:
    """The most likely header of a canonical column: its own name first, then its synonyms in their order."""
    by_name = {normalise(header): header for header in reversed(headers) if header}
    wanted = (normalise(column), *SYNONYMS.get(column, ()))
    return next((by_name[name] for name in wanted if name in by_name), None)
