"""What reads flat may be written flat: the words of one locale beside the rest."""


def test_a_title_may_stand_at_the_top(api, manager):
    client = api(manager)
    made = client.post("/api/v1/products/", {"title": "Lamp", "description": "<p>Warm</p>", "handle": "lamp"})
    assert (made.status_code, made.json()["title"]) == (201, "Lamp")
    changed = client.patch("/api/v1/products/lamp/", {"title": "Lampe", "locale": "de"})
    assert changed.status_code == 200
    assert client.get("/api/v1/products/lamp/?locale=de").status_code in (200, 404)
    again = client.patch("/api/v1/products/lamp/", {"title": "Big lamp"}, HTTP_ACCEPT_LANGUAGE="en").json()
    assert (again["title"], again["description"]) == ("Big lamp", "<p>Warm</p>")


def test_errors_name_where_the_word_belongs(api, manager):
    answer = api(manager).post("/api/v1/products/", {"title": "x" * 201})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "translations.en.title"


def test_categories_and_posts_read_it_too(api, manager):
    client = api(manager)
    assert client.post("/api/v1/categories/", {"name": "Tents"}).status_code == 201
    post = client.post("/api/v1/posts/", {"title": "Hello", "body": "Words"})
    assert (post.status_code, post.json()["title"]) == (201, "Hello")
