BEGIN TRANSACTION;
CREATE TABLE events (job TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL);
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000000.0,'draft','');
INSERT INTO "events" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',1780000000.0,'draft','');
INSERT INTO "events" VALUES('cccccccccccccccccccccccccccccccc',1780000001.0,'draft','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000002.0,'submitting','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000002.0,'queued','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000062.0,'running','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000122.0,'succeeded','');
INSERT INTO "events" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',1780000122.0,'fetched','');
INSERT INTO "events" VALUES('cccccccccccccccccccccccccccccccc',1780000122.0,'submitting','');
INSERT INTO "events" VALUES('cccccccccccccccccccccccccccccccc',1780000122.0,'failed','No such scene.');
CREATE TABLE groups (id TEXT PRIMARY KEY, body TEXT NOT NULL);
INSERT INTO "groups" VALUES('99999999999999999999999999999999','{"id": "99999999999999999999999999999999", "title": "H\u00e4fen", "kind": "batch", "budget": 10.0, "unit": "credits", "paused": false, "note": "", "layer": "harbours", "layer_id": "", "id_field": "name", "preset": "", "project": "", "carried": 0.0, "created_at": 1780000000.0, "extra": {}}');
CREATE TABLE jobs (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, provider TEXT NOT NULL, account TEXT NOT NULL, fingerprint TEXT NOT NULL,
    remote_id TEXT NOT NULL, created_at REAL NOT NULL, revision INTEGER NOT NULL, holder TEXT NOT NULL, held_until REAL NOT NULL,
    member_of TEXT NOT NULL DEFAULT '', price REAL, body TEXT NOT NULL);
INSERT INTO "jobs" VALUES('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fetched','sateais','Port','f-a','remote-1',1780000000.0,8,'lab:1:0',0.0,'99999999999999999999999999999999',3.4,'{"id": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "provider": "sateais", "account": "Port", "operation": "ship", "title": "Ships", "request": {"operation": "ship", "values": {"date": "2026-05-04", "date_direction": "nearest"}, "aoi": {"type": "MultiPolygon", "coordinates": [[[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]], [[[5, 51], [5.5, 51], [5.5, 51.5], [5, 51.5], [5, 51]]]]}, "tag": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "fingerprint": "f-a", "state": "fetched", "remote_id": "remote-1", "extra": {"project": "p"}, "word": "processing", "progress": 0.5, "message": "", "details": "", "warning": "", "estimate": "3.4 credits", "cost": "3.4 credits", "origin": "dock", "project": "/home/lab/ports.qgz", "folder": "", "group": "99999999999999999999999999999999", "group_title": "H\u00e4fen", "member": "1", "files": ["ship.geojson"], "layers": [], "links": [], "tries": 0, "created_at": 1780000000.0, "sent_at": 1780000002.0, "seen_at": 0.0, "finished_at": 1780000122.0, "expires_at": 0.0, "next_at": 0.0}');
INSERT INTO "jobs" VALUES('bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','draft','sateais','Port','f-b','',1780000000.0,2,'lab:1:0',1780000090.0,'99999999999999999999999999999999',0.0,'{"id": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "provider": "sateais", "account": "Port", "operation": "ship", "title": "Ships", "request": {"operation": "ship", "values": {"date": "2026-05-05", "date_direction": "nearest"}, "aoi": {"type": "Polygon", "coordinates": [[[3.9, 51.95], [4.2, 51.95], [4.2, 52.1], [3.9, 52.1], [3.9, 51.95]]]}, "tag": "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"}, "fingerprint": "f-b", "state": "draft", "remote_id": "", "extra": {}, "word": "", "progress": -1.0, "message": "", "details": "", "warning": "", "estimate": "3.4 credits", "cost": "", "origin": "dock", "project": "", "folder": "", "group": "99999999999999999999999999999999", "group_title": "H\u00e4fen", "member": "2", "files": [], "layers": [], "links": [], "tries": 0, "created_at": 1780000000.0, "sent_at": 0.0, "seen_at": 0.0, "finished_at": 0.0, "expires_at": 0.0, "next_at": 0.0}');
INSERT INTO "jobs" VALUES('cccccccccccccccccccccccccccccccc','failed','astra','Munich','f-c','',1780000000.0,10,'lab:1:0',1780000091.0,'',0.0,'{"id": "cccccccccccccccccccccccccccccccc", "provider": "astra", "account": "Munich", "operation": "ndvi", "title": "NDVI", "request": {"operation": "ndvi", "values": {"scene_ids": ["S2A_1", "S2A_2"], "name": "Gr\u00fcn \u201c1\u201d"}, "aoi": null, "tag": "cccccccccccccccccccccccccccccccc"}, "fingerprint": "f-c", "state": "failed", "remote_id": "", "extra": {}, "word": "", "progress": -1.0, "message": "No such scene.", "details": "NOT_FOUND", "warning": "", "estimate": "", "cost": "", "origin": "dock", "project": "", "folder": "", "group": "", "group_title": "", "member": "", "files": [], "layers": [], "links": [], "tries": 0, "created_at": 1780000000.0, "sent_at": 1780000122.0, "seen_at": 0.0, "finished_at": 1780000122.0, "expires_at": 0.0, "next_at": 0.0}');
CREATE TABLE revision (number INTEGER NOT NULL);
INSERT INTO "revision" VALUES(11);
CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_revision ON jobs (revision);
CREATE INDEX jobs_by_remote_id ON jobs (remote_id);
CREATE INDEX jobs_by_fingerprint ON jobs (fingerprint, created_at);
CREATE INDEX events_by_job ON events (job, at);
CREATE INDEX jobs_by_group ON jobs (member_of, state, price);
PRAGMA user_version = 2;
COMMIT;
