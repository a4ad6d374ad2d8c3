"""Which parameters of an address say how a reader came, and never which page it is. Pure."""

from __future__ import annotations

import re

_NAMES = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|gad_(?:source|campaignid)|msclkid|y[s]?clid|twclid|ttclid|irclickid|"
    r"(?:outbrain|rb_)clickid|dicbo|tblci|rdt_cid|igshid|igsh|li_fat_id|mc_[ce]id|_ga|_gl|ga_(?:source|medium|term|content|"
    r"campaign|place)|_hs(?:enc|mi)|__hs(?:sc|tc|fp)|hsctatracking|hsa_\w+|pk_\w+|piwik_\w+|mtm_\w+|matomo_\w+|itm_\w+|sfmc_\w+|"
    r"stm_(?:source|medium|campaign)|mkt_tok|oly_(?:anon|enc)_id|vero_id|wickedid|s_cid|s_kwcid|ef_id|ncid|ocid|icid|cmpid|smid|"
    r"xtor|xtref|intcid|int_(?:source|medium|campaign)|(?:sa-)?ns_(?:mchannel|campaign|source|linkname|fee)|echobox|sthash|"
    r"wt[._](?:mc(?:_id)?|zmc)|__twitter_impression|ref_(?:src|url)|fb_(?:action_ids|action_types|source|ref|comment_id)|"
    r"action_(?:object|type|ref)_map|mibextid|srsltid|epik|guce_referrer(?:_sig)?|guccounter|ampshare|amp_(?:js_v|gsa|lite)|"
    r"link_time|usqp|_openstat|_branch_match_id|_bta_(?:tid|c)|_k[xe]|__s|trk(?:_\w+|info)?|soc_(?:src|trk)|nr_email_referer|"
    r"ck_subscriber_id|ml_subscriber(?:_hash)?|inf_contact_key|elqtrack(?:id)?|dm_i|phpsessid|jsessionid|aspsessionid\w*|"
    r"at_(?:medium|campaign|custom\d|link_\w+|format|bbc_\w+|ptr_\w+))",
    re.ASCII | re.IGNORECASE,
)
# Parameters that many sites have for the same, and others for the page itself: known by a channel as their value.
_BY_CHANNEL = re.compile(
    r"(?:ref|refer|referr?er|src|source|from|via|share|shared|origin|medium|channel|feature|cmp)="
    r"(?:rss(?:[_-]?feed)?|feeds?|feedburner|atom|(?:twitter|facebook|instagram|linkedin|pinterest|reddit|youtube|tiktok|snapchat|"
    r"flipboard|nabd)(?:\.com)?|t\.co|tw|fb|ig|x|whats_?app|wa|telegram|t\.me|tg|viber|messenger|e?mail|newsletter|push|"
    r"notifications?|sms|social(?:[_-]?media)?|share(?:[_-]\w+)?|google[_-]?news|gnews|pocket|copy(?:[_-]?link)?)",
    re.ASCII | re.IGNORECASE,
)


def is_tracking(parameter: str) -> bool:
    """Returns whether the parameter, like `utm_source=x`, says how a reader came.

    >>> is_tracking("ref=rss"), is_tracking("ref=7781")
    (True, False)
    """
    name, mark, _ = parameter.partition("=")
    return bool(_NAMES.fullmatch(name) or (mark and _BY_CHANNEL.fullmatch(parameter)))
