// Starts GraphiQL on the endpoint of this page; the CSRF cookie lets a logged-in session act.
(function () {
  "use strict";
  var csrf = (document.cookie.match(/(?:^|; )(?:__Host-)?csrf=([^;]*)/) || [])[1] || "";
  var fetcher = GraphiQL.createFetcher({ url: window.location.pathname, headers: { "X-CSRFToken": csrf } });
  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, { fetcher: fetcher, defaultEditorToolsVisibility: true })
  );
})();
