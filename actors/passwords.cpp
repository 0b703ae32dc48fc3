#include "actors/passwords.hpp"

#include "crypto/passwords.hpp"

#include <new>

namespace elsec::actors {
namespace {

bool waited_too_long(passwords_actor::pointer self, const services& with, steady_time asked) {
  return self->clock().now() - asked > with.policy.password_wait;
}

// No exception may end this actor: whoever asked it from then on would be sent away for good.
template <class Work>
auto work_soon(passwords_actor::pointer self, const services& with, steady_time asked, Work&& work)
    -> domain::result<decltype(work())> {
  const auto too_many =
      domain::fail(domain::error_code::overloaded, "too many log-ins at once; repeat in a few seconds");
  if (waited_too_long(self, with, asked)) return too_many;
  try {
    return work();
  } catch (const std::bad_alloc&) {  // Argon2 needs 64 MiB
    return too_many;
  }
}

}  // namespace

passwords_actor::behavior_type passwords(passwords_actor::pointer self, shared_services with) {
  return {
      [self, with](const new_password& what) -> password_hash {
        return work_soon(self, *with, what.asked, [&] { return crypto::hash_password(what.password); });
      },
      [self, with](const password_check& what) -> password_verdict {
        return work_soon(self, *with, what.asked, [&] {
          const auto& against = what.encoded_hash.empty() ? crypto::decoy_hash() : what.encoded_hash;
          return crypto::verify_password(against, what.password) && !what.encoded_hash.empty();
        });
      },
  };
}

}  // namespace elsec::actors
