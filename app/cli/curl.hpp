#pragma once
// libcurl's handles as values that free themselves.

#include <curl/curl.h>
#include <memory>

namespace elsec::cli {

template <auto Free>
struct curl_freeing {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using curl_transfer = std::unique_ptr<CURL, curl_freeing<curl_easy_cleanup>>;
using curl_loop = std::unique_ptr<CURLM, curl_freeing<curl_multi_cleanup>>;
using curl_list = std::unique_ptr<curl_slist, curl_freeing<curl_slist_free_all>>;
using curl_address = std::unique_ptr<CURLU, curl_freeing<curl_url_cleanup>>;
using curl_text = std::unique_ptr<char, curl_freeing<curl_free>>;

// Null when libcurl cannot be started or there is no memory.
[[nodiscard]] inline curl_transfer new_curl_transfer() {
  static const bool started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return curl_transfer(started ? curl_easy_init() : nullptr);
}

// False when there is no memory; the list stays as it was.
[[nodiscard]] inline bool append(curl_list& list, const char* line) {
  auto* longer = curl_slist_append(list.get(), line);
  if (!longer) return false;
  list.release();
  list.reset(longer);
  return true;
}

}  // namespace elsec::cli
