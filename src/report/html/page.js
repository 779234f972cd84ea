// Filters the table of connections, and unfolds the one a link points to. No angle brackets or
// ampersands here, so that the page is well-formed XML as well.
(function () {
  "use strict";
  var form = document.getElementById("filter");
  var none = document.getElementById("none");
  var shown = document.getElementById("shown");
  var rows = Array.from(document.getElementById("list").tBodies, function (body) {
    return {
      body: body,
      text: body.rows[0].textContent.toLowerCase(),
      ended: [body.dataset.e],
      state: body.dataset.s.split(" "),
      finding: (body.dataset.f || "").split(" ")
    };
  });

  function value(id) {
    return document.getElementById(id).value;
  }

  function filter() {
    var words = value("text").toLowerCase().split(/\s+/);
    var count = 0;
    rows.forEach(function (row) {
      var fits = ["ended", "state", "finding"].every(function (id) {
        return value(id) === "" || row[id].includes(value(id));
      });
      row.body.hidden = !(fits ? words.every(function (word) {
        return row.text.includes(word);
      }) : false);
      count += row.body.hidden ? 0 : 1;
    });
    shown.value = count + " of " + rows.length + " shown";
    none.hidden = count !== 0;
  }

  function unfold() {
    var all = rows.filter(function (row) {
      return !row.body.hidden;
    }).map(function (row) {
      return row.body.querySelector("details");
    }).filter(Boolean);
    var open = all.some(function (details) {
      return !details.open;
    });
    all.forEach(function (details) {
      details.open = open;
    });
  }

  // A click on a row unfolds it, unless text is being selected.
  function press(event) {
    var details = event.currentTarget.parentNode.querySelector("details");
    if (details) {
      details.open = getSelection().isCollapsed ? !details.open : details.open;
    }
  }

  function follow() {
    var body = document.getElementById(location.hash.slice(1));
    if (body === null || body.tagName !== "TBODY") {
      return;
    }
    body.hidden = false;
    var details = body.querySelector("details");
    if (details) {
      details.open = true;
    }
    body.scrollIntoView();
  }

  rows.forEach(function (row) {
    row.body.rows[0].addEventListener("click", press);
  });
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
  });
  form.addEventListener("reset", function () {
    setTimeout(filter);
  });
  document.getElementById("unfold").addEventListener("click", unfold);
  window.addEventListener("hashchange", follow);
  filter();
  follow();
}());
