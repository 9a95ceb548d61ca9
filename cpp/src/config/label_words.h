// Text of label files: trimming, quotes, WordNet ids.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ppinfer {

std::string_view trimmed(std::string_view text);  // of blanks, tabs and carriage returns

// Without CSV's double quotes, when it stands in them as a whole: "say ""hi""" becomes say "hi".
std::string unquoted(std::string_view text);

// "tench" of "n01440764 tench": ImageNet's lists have a WordNet id before each name. The two may be separated by
// blanks, a tab or one of , ; : |. Empty: the text isn't of this form.
std::string_view behind_wordnet_id(std::string_view text);

// Takes off the quotes that every name stands in, such as 'cat', “cat” or `cat`.
void strip_common_quotes(std::vector<std::string>& names);

// Takes the WordNet ids off, where all names have one.
void strip_wordnet_ids(std::vector<std::string>& names);

// What people call a column or an entry: 0 is the best name for it, -1 means that the word isn't one of these. Case,
// and blanks or dashes for underscores, make no difference.
int rank_as_id(std::string_view word);
int rank_as_name(std::string_view word);

}  // namespace ppinfer
