#include "capabilities/feed/capability.hpp"

#include "capabilities/feed/events_list.hpp"
#include "capabilities/feed/examples.hpp"
#include "capabilities/groups.hpp"

namespace elsec::capabilities {

capability feed_capability() {
  return {
      .name = "feed",
      .routes = {{.method = "GET",
                  .path = "/api/v1/events",
                  .id = "list_events",
                  .summary = "What happened: as a stream, its position first, or as a JSON list (Accept), oldest first",
                  .group = groups::events,
                  .need = access::scoped,
                  .scope = domain::scope::documents_read,
                  .query = codec::type_of<events_parameters>,
                  .headers = {{"Last-Event-ID",
                               "The last position received; the stream goes on after it. Empty: as without."}},
                  .answer = list_type_of<domain::listed_event>,
                  .other_media_type = "text/event-stream",
                  .problems = {406},
                  .streams = true,
                  .show = &show_events}}};
}

}  // namespace elsec::capabilities
